"""Cuts this folder's fonts from those of Debian's fonts-noto-cjk: `pip install fonttools`, then `subset.py FOLDER`."""

import pathlib
import subprocess
import sys

from fontTools.ttLib import TTCollection

HERE = pathlib.Path(__file__).parent
FONTS = {
    "NotoSerifKR-Regular.otf": ("NotoSerifCJK-Regular.ttc", True),
    "NotoSansKR-Regular.otf": ("NotoSansCJK-Regular.ttc", False),
    "NotoSansKR-Bold.otf": ("NotoSansCJK-Bold.ttc", True),
}
HANJA = set(range(0x4E00, 0xA000)) | set(range(0xF900, 0xFB00))


def repertoire(hanja):
    """All of KS X 1001, every modern syllable, and the signs around them."""
    wanted = set()
    for lead in range(0xA1, 0xFF):
        for trail in range(0xA1, 0xFF):
            try:
                wanted.add(ord(bytes([lead, trail]).decode("cp949")))
            except UnicodeDecodeError:
                pass
    for first, last in [
        (0x20, 0x7E), (0xA0, 0x17F), (0x2000, 0x22FE), (0x2460, 0x24FF), (0x25A0, 0x26FF), (0x3000, 0x303F),
        (0x3130, 0x318F), (0x3200, 0x33FF), (0xAC00, 0xD7A3), (0xFF00, 0xFFEF),
    ]:
        wanted |= set(range(first, last + 1))
    return wanted if hanja else wanted - HANJA


for name, (source, hanja) in FONTS.items():
    path = pathlib.Path(sys.argv[1]) / source
    families = [font["name"].getDebugName(1) for font in TTCollection(path).fonts]
    korean = next(index for index, family in enumerate(families) if "CJK KR" in family and "Mono" not in family)
    subprocess.run(
        [
            "pyftsubset", path, f"--font-number={korean}", f"--output-file={HERE / name}",
            "--unicodes=" + ",".join(f"{code:x}" for code in sorted(repertoire(hanja))),
            "--layout-features=kern,liga,locl,ccmp,ljmo,vjmo,tjmo", "--name-IDs=*", "--name-languages=0x409",
            "--no-hinting", "--passthrough-tables", "--drop-tables+=VORG,vhea,vmtx,BASE",
        ],
        check=True,
    )
