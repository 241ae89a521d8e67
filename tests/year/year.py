#!/usr/bin/env python3
"""Writes a file of made-up notices such as an office sends in a year: the same seed gives the same file."""

import argparse
import csv
import io
import random
import sys
from pathlib import Path

HEADINGS = ["민원번호", "종류", "제목", "내용", "부서", "성명", "휴대전화", "이메일", "우편번호", "주소", "생년월일", "구분"]
DEPARTMENTS = ["건축과", "위생과", "교통행정과", "세무관리과", "서초1동주민센터", "방배본동주민센터"]
MATTERS = [
    ("petition_result", "건축물 용도변경 허가 처리결과", "신청하신 용도변경이 허가되었습니다. 착공 전 유의사항을 확인하시기 바랍니다."),
    ("petition_result", "식품영업 신고 처리결과", "신고가 수리되었습니다. 신고증은 첨부 문서를 확인하시기 바랍니다."),
    ("permit_renewal", "도로점용 허가갱신 안내", "허가기간 만료 전까지 갱신을 신청하시기 바랍니다."),
    ("guidance", "정기 위생교육 안내", "올해 위생교육 이수기한을 안내드립니다.\n온라인 이수도 가능합니다."),
]
SURNAMES, GIVEN = "김이박최정강조윤장임", ["서연", "민준", "지우", "도윤", "하은", "시우", "수아", "예준", "지호", "은지"]
COMPANIES = ["(주) 겨레", "유한회사 나루", "주식회사 한빛", "주식회사 다온테크", "(유) 가람"]
STREETS = ["동광로", "서초대로", "반포대로", "강남대로", "방배로", "남부순환로"]
# Of a hundred: no telephone, a landline; the rest have mobiles. One row in two hundred errs.
WITHOUT_PHONE, LANDLINE = 12, 6
CORPORATIONS = 5


def mobile(chance: random.Random) -> str:
    """A number as files have it, in one of five ways."""
    middle, last = chance.randrange(2000, 5000), chance.randrange(10_000)
    return chance.choice([
        f"010-{middle}-{last:04}", f"010{middle}{last:04}", f"10{middle}{last:04}",
        f"+82 10-{middle}-{last:04}", f"010 {middle} {last:04}"])


def phone(chance: random.Random) -> str:
    kind = chance.randrange(100)
    if kind < WITHOUT_PHONE:
        return ""
    if kind < WITHOUT_PHONE + LANDLINE:
        return f"02-{chance.randrange(500, 600)}-{chance.randrange(1000, 10_000)}"
    return mobile(chance)


def row(chance: random.Random, seed: int, number: int) -> list[str]:
    """One notice. What errs has a telephone with a letter in it."""
    is_company = chance.randrange(100) < CORPORATIONS
    name = chance.choice(COMPANIES) if is_company else chance.choice(SURNAMES) + chance.choice(GIVEN)
    kind, title, body = chance.choice(MATTERS)
    email = f"resident{chance.randrange(10**6)}@example.org" if chance.randrange(2) else ""
    birth = f"{chance.randrange(40, 99)}{chance.randrange(1, 13):02}{chance.randrange(1, 29):02}"
    return [
        f"2026-{seed}-{number:05}", kind, title, body, chance.choice(DEPARTMENTS), name,
        "010-1234-567a" if chance.randrange(200) == 0 else phone(chance), email,
        f"06{chance.randrange(500, 800)}", f"서울특별시 서초구 {chance.choice(STREETS)} {chance.randrange(1, 2500)}, "
        f"{chance.randrange(101, 113)}동 {chance.randrange(1, 25)}0{chance.randrange(1, 5)}호 (서초동)",
        "" if is_company or chance.randrange(4) == 0 else birth, "법인" if is_company else "개인"]


def written(rows: int, seed: int) -> bytes:
    """The file, as Korean Excel writes it."""
    chance, text = random.Random(seed), io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    writer.writerows(row(chance, seed, number) for number in range(1, rows + 1))
    return text.getvalue().encode("cp949")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=39_600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("out", type=Path, nargs="?", help="where to write it; the standard output if nowhere is named")
    options = parser.parse_args()
    content = written(options.rows, options.seed)
    if options.out:
        options.out.write_bytes(content)
    else:
        sys.stdout.buffer.write(content)


if __name__ == "__main__":
    main()
