//! Made-up notices and their letters.

use domain::settings::Settings;
use domain::{
    DepartmentCode, Details, DocumentRequest, Entity, KindCode, Nature, Notice, NoticeId, Officer, Opening, PersonName,
    PostReason, PostalAddress, Recipient, Reference, Refusal, RequestCode,
};
use jiff::Timestamp;
use render_letter::Letter;

pub(crate) const LINK: &str = "https://notice.seocho.example/c/Ab3dEf6hIj9k";

pub(crate) const LONG_ADDRESS: &str = "서울특별시 서초구 남부순환로347길 21-15, 서초아트자이 주상복합아파트 제비동 관리사무소 옆 별관 지하2층 비201호 (서초동, 예술의전당 맞은편 우면산 자락 소망탕 뒤) 주식회사 한빛건축사사무소 설계지원본부 내 건축행정대행팀 앞으로 전달 요망, 부재 시 경비실에 맡겨 주시고 연락 바랍니다";

/// 2026-11-24 14:30 in Seoul.
pub(crate) fn noon() -> Timestamp {
    "2026-11-24T05:30:00Z".parse().expect("a moment")
}

pub(crate) fn settings() -> Settings {
    Settings::parse(include_str!("../../../../infra/settings.json")).expect("sound settings")
}

pub(crate) fn name(text: &str) -> PersonName {
    PersonName::parse(text).expect("a name")
}

pub(crate) fn address(line: &str) -> PostalAddress {
    PostalAddress::parse("06628", line).expect("an address")
}

/// A disposition for a resident.
pub(crate) fn disposition() -> Details {
    Details {
        reference: Reference::parse("건축과-2026-01234").expect("a reference"),
        kind: KindCode::parse("petition_result").expect("a code"),
        nature: Nature::Disposition,
        department: DepartmentCode::parse("building").expect("a code"),
        title: "건축물 용도변경 신고 처리 결과".to_owned(),
        body: "귀하께서 2026년 11월 10일 신고하신 건축물 용도변경은 관계 법령에 적합하여 수리되었음을 알려 드립니다.\n\
               용도변경 후 사용승인을 신청하여 주시기 바랍니다."
            .to_owned(),
        refusal: None,
        officer: Officer {
            unit: "건축과 건축허가팀".to_owned(),
            name: "이영희".to_owned(),
            phone: "02-2155-0101".to_owned(),
        },
        recipient: Recipient {
            name: name("홍길동"),
            phone: None,
            email: None,
            address: Some(address("서울특별시 서초구 남부순환로 2584, 101동 1001호")),
            birth_date: None,
            entity: Entity::Person,
        },
        recipient_id: None,
        permit: None,
        requests: Vec::new(),
    }
}

/// A refusal.
pub(crate) fn refusal() -> Details {
    Details {
        title: "도로점용허가 신청에 대한 처리 결과(불허가)".to_owned(),
        body: "귀하께서 2026년 11월 3일 신청하신 도로점용허가에 대하여 검토한 결과, 아래와 같은 사유로 허가하여 드릴 수 없음을 알려 드립니다.\n\n1. 신청 위치: 서울특별시 서초구 반포대로 58 앞 보도\n2. 신청 면적: 12.5㎡ (길이 5m × 폭 2.5m)\n3. 점용 목적: 건축공사에 따른 가설 울타리 및 자재 야적장 설치, 공사 차량의 진출입로 확보와 보행자 우회 통로의 임시 설치\n  가. 점용 기간: 2026. 12. 1.부터 2027. 5. 31.까지\n  나. 점용료: 해당 없음".to_owned(),
        refusal: Some(Refusal {
            reason: "해당 보도의 유효 폭이 2.0m로, 점용 시 보행자의 통행에 지장을 초래하여 「도로법」 제61조 및 같은 법 시행령 제58조의 기준에 적합하지 않습니다.".to_owned(),
            remedy: "이 처분에 이의가 있으시면 처분을 받은 날부터 60일 이내에 서초구청에 문서로 이의를 신청하실 수 있습니다. 점용 면적을 줄이거나 보행자 우회 통로를 확보하여 다시 신청하실 수도 있습니다.".to_owned(),
        }),
        recipient: Recipient { address: Some(address(LONG_ADDRESS)), ..disposition().recipient },
        ..disposition()
    }
}

/// A guidance.
pub(crate) fn guidance() -> Details {
    Details {
        kind: KindCode::parse("permit_renewal").expect("a code"),
        nature: Nature::Guidance,
        department: DepartmentCode::parse("sanitation").expect("a code"),
        reference: Reference::parse("위생과-2026-00077").expect("a reference"),
        title: "식품접객업 영업허가 갱신 안내".to_owned(),
        body: "허가 만료일은 2027년 1월 23일입니다.\n만료 30일 전까지 갱신을 신청하여 주시기 바랍니다.".to_owned(),
        officer: Officer {
            unit: "위생과 식품위생팀".to_owned(),
            name: "박철수".to_owned(),
            phone: "02-2155-0202".to_owned(),
        },
        ..disposition()
    }
}

/// A guidance for a corporation with a name in Hanja.
pub(crate) fn corporation() -> Details {
    Details {
        title: "建築許可 변경 안내(㈜한빛建設)".to_owned(),
        body: "「건축법」 제16조에 따라 건축허가(建築許可) 변경 사항을 안내해 드립니다.\n① 수수료: ₩12,000 · 납부기한 2026. 12. 10.\n② 담당자 漢字 표기: 洪吉東\n※ 뷁쀍퓛 등 드문 글자도 그대로 적습니다.".to_owned(),
        recipient: Recipient {
            name: name("주식회사 한빛建設 대표이사 洪吉東"),
            entity: Entity::Corporation,
            address: Some(address("서울특별시 서초구 강남대로 465, 교보타워 A동 12층 (서초동)")),
            ..disposition().recipient
        },
        ..guidance()
    }
}

/// A guidance that asks for papers.
pub(crate) fn asking_for_papers() -> Details {
    let paper = |code: &str, name: &str, required, until: Option<&str>| DocumentRequest {
        code: RequestCode::parse(code).expect("a code"),
        name: name.to_owned(),
        required,
        until: until.map(|day| day.parse().expect("a day")),
    };
    Details {
        title: "도로점용허가 신청 서류 보완 요청".to_owned(),
        body: "귀하께서 2026년 11월 3일 신청하신 도로점용허가의 심사에 아래 서류가 더 필요합니다.".to_owned(),
        requests: vec![
            paper("plan", "점용 위치도와 평면도(축척 1:500 이상)", true, Some("2026-12-11")),
            paper("consent", "인접 건물 소유자 동의서", true, None),
            paper("photo", "현장 사진", false, None),
        ],
        ..guidance()
    }
}

/// A body of ten thousand characters.
pub(crate) fn long() -> Details {
    let sentence = "이 사업은 주민의 보행 안전과 주거 환경의 개선을 위하여 관계 법령과 조례에 따라 시행하는 것으로, 공사 기간 중 다소 불편이 있더라도 너그럽게 양해하여 주시기 바랍니다. ";
    let mut body = String::new();
    for number in 1.. {
        body += &number.to_string();
        body += ". ";
        body += sentence.repeat(1 + number % 4).trim_end();
        body.push('\n');
        if body.chars().count() >= 10_000 {
            break;
        }
    }
    Details { body: body.chars().take(10_000).collect(), ..disposition() }
}

pub(crate) fn notice(details: Details) -> Notice {
    let id = NoticeId::parse("01KAVQ8Z3M0000000000000001").expect("an id");
    Notice::accept(id, details, &Opening::Post(PostReason::NoPhone), None, noon()).0
}

pub(crate) fn letter(details: Details) -> Letter {
    Letter::of(&notice(details), &settings(), LINK, noon())
}
