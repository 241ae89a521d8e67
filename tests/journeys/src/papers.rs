//! Papers as a resident brings them: by the forms of their page, straight into the bucket.

use reqwest::{Client, Response, StatusCode};
use serde_json::Value;

use crate::Resident;

/// A form that brings a file.
#[derive(Debug, Clone)]
pub struct PaperForm {
    /// Where it is posted to.
    pub url: String,
    /// Names and values.
    pub fields: Vec<(String, String)>,
}

impl PaperForm {
    /// As the page's script gets it.
    #[must_use]
    pub fn of_ticket(ticket: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let fields = ticket["fields"].as_array().expect("fields");
        let fields = fields.iter().map(|field| (text(&field[0]), text(&field[1]))).collect();
        Self { url: text(&ticket["url"]), fields }
    }

    /// The form of the paper of this code, as it stands in the page.
    #[must_use]
    pub fn of_page(page: &str, code: &str) -> Self {
        let attribute = |tag: &str, name: &str| -> String {
            let value = tag.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
            value.unwrap_or_default().replace("&#38;", "&").replace("&amp;", "&").replace("&#34;", "\"")
        };
        let form = page.split("<form class=\"upload\"").skip(1).find(|form| attribute(form, "data-request") == code);
        let form = form.expect("the paper's form").split("</form>").next().unwrap_or_default();
        let inputs = form.split("<input type=\"hidden\"").skip(1);
        let fields = inputs.map(|input| (attribute(input, "name"), attribute(input, "value"))).collect();
        Self { url: attribute(form, "action"), fields }
    }

    /// A field's value.
    #[must_use]
    pub fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// The same form with another value.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        for (field, held) in &mut self.fields {
            if field == name {
                value.clone_into(held);
            }
        }
        self
    }

    /// Posts a file by it.
    pub async fn send(&self, content: &[u8]) -> Response {
        let boundary = format!("boundary{}", rand::random::<u64>());
        let mut body = Vec::new();
        for (name, value) in &self.fields {
            body.extend(
                format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
            );
        }
        body.extend(
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\n\r\n").bytes(),
        );
        body.extend(content);
        body.extend(format!("\r\n--{boundary}--\r\n").bytes());
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let request =
            client.post(&self.url).header("content-type", format!("multipart/form-data; boundary={boundary}"));
        request.body(body).send().await.expect("an answer")
    }
}

impl Resident {
    /// Leave to bring a file, as the page's script asks for it.
    pub async fn ticket(&self, page: &str, request: &str, name: &str, r#type: &str) -> PaperForm {
        let fields = [("do", "ticket"), ("request", request), ("name", name), ("type", r#type)];
        let answer = self.submit(page, &fields).await;
        assert_eq!(answer.status(), StatusCode::OK);
        PaperForm::of_ticket(&answer.json().await.expect("JSON"))
    }

    /// Brings a file by the page's script.
    pub async fn bring(&self, page: &str, request: &str, name: &str, r#type: &str, content: &[u8]) -> PaperForm {
        let form = self.ticket(page, request, name, r#type).await;
        assert_eq!(form.send(content).await.status(), StatusCode::CREATED);
        form
    }
}
