//! A posted form, read leniently: what cannot be read is simply not there.

/// The most a form may hold; the longest honest one is far below.
pub(crate) const LIMIT: usize = 16 * 1024;

/// The names and values of a posted form.
#[derive(Default)]
pub(crate) struct Form(Vec<(String, String)>);

/// Which button was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Do {
    /// Choose a way.
    Choose,
    /// Read the notice.
    Read,
    /// Go to the page for the notices to come.
    Next,
    /// Go to the page of papers.
    Documents,
    /// Ask leave to bring a file: the page's script.
    Ticket,
    /// Take a file back that was not handed in.
    Discard,
    /// Go to the page for refusing.
    OptOut,
    /// Refuse everything electronic.
    All,
    /// Go back to the page itself.
    Back,
    /// None of ours: whatever the page is for.
    Unsaid,
}

impl Form {
    pub(crate) fn parse(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// The trimmed value of a field; none when it is blank.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value.trim());
        value.filter(|value| !value.is_empty())
    }

    pub(crate) fn button(&self) -> Do {
        match self.get("do") {
            Some("choose") => Do::Choose,
            Some("read") => Do::Read,
            Some("next") => Do::Next,
            Some("documents") => Do::Documents,
            Some("ticket") => Do::Ticket,
            Some("discard") => Do::Discard,
            Some("opt-out") => Do::OptOut,
            Some("all") => Do::All,
            Some("back") => Do::Back,
            Some(_) | None => Do::Unsaid,
        }
    }
}
