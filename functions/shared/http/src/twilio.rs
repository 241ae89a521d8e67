//! Webhooks as Twilio signs them: HMAC-SHA1 over the address it was told to call and every field of the form
//! (twilio.com/docs/usage/security, "Validating requests").

use std::collections::{BTreeMap, BTreeSet};

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::Problem;
use crate::body::bytes;

/// The fields of a form, each name with its values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignedForm(BTreeMap<String, BTreeSet<String>>);

impl SignedForm {
    /// The form of a request, once its signature holds. `address` is where the sender was told to send it: scheme, host and
    /// path; what stands after a question mark comes from the request.
    ///
    /// # Errors
    /// 403 when the signature does not hold, 400 and 413 for a body that is malformed or too large.
    pub fn of(secret: &str, address: &str, request: &ApiGatewayV2httpRequest) -> Result<Self, Problem> {
        let body = bytes(request)?;
        let mut fields: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(&body) {
            fields.entry(name.into_owned()).or_default().insert(value.into_owned());
        }
        let form = Self(fields);
        let query = request.raw_query_string.as_deref().filter(|query| !query.is_empty());
        let address = query.map_or_else(|| address.to_owned(), |query| format!("{address}?{query}"));
        let signature = request.headers.get("x-twilio-signature").and_then(|value| value.to_str().ok());
        if signature.is_some_and(|signature| form.is_signed(secret, &address, signature)) {
            Ok(form)
        } else {
            tracing::warn!("a webhook of Twilio's was refused");
            Err(Problem::new(StatusCode::FORBIDDEN, "the signature does not hold")
                .detail("expected X-Twilio-Signature over the public address and every field"))
        }
    }

    /// Compares in constant time.
    fn is_signed(&self, secret: &str, address: &str, signature: &str) -> bool {
        let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret.as_bytes()) else { return false };
        mac.update(address.as_bytes());
        for (name, values) in &self.0 {
            for value in values {
                mac.update(name.as_bytes());
                mac.update(value.as_bytes());
            }
        }
        STANDARD.decode(signature).is_ok_and(|signature| mac.verify_slice(&signature).is_ok())
    }

    /// A field's value; none where it is not there, or stands twice with different values.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let values = self.0.get(name)?;
        let mut values = values.iter();
        values.next().filter(|_| values.len() == 0).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const ADDRESS: &str = "https://mycompany.com/myapp.php";
    const FIELDS: &str =
        "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212";

    fn request(query: &str, body: &str, signature: &str) -> ApiGatewayV2httpRequest {
        let mut request = ApiGatewayV2httpRequest::default();
        request.raw_query_string = Some(query.to_owned());
        request.body = Some(body.to_owned());
        if !signature.is_empty() {
            request.headers.insert("x-twilio-signature", HeaderValue::from_str(signature).expect("a header"));
        }
        request
    }

    /// The example of Twilio's own documentation.
    #[test]
    fn the_documented_example_holds() {
        let form = SignedForm::of("12345", ADDRESS, &request("foo=1&bar=2", FIELDS, "RSOYDt4T1cUTdK1PDd93/VVr8B8="));
        assert_eq!(form.expect("signed").get("Digits"), Some("1234"));
    }

    #[test]
    fn anything_altered_is_refused() {
        let signature = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
        let altered = FIELDS.replace("1234&From", "1235&From");
        for (secret, query, body, signature) in [
            ("12345", "foo=1&bar=2", &*altered, signature),
            ("12345", "foo=1&bar=3", FIELDS, signature),
            ("12345", "", FIELDS, signature),
            ("12346", "foo=1&bar=2", FIELDS, signature),
            ("12345", "foo=1&bar=2", FIELDS, "RSOYDt4T1cUTdK1PDd93/VVr8B9="),
            ("12345", "foo=1&bar=2", FIELDS, "not base64!"),
            ("12345", "foo=1&bar=2", FIELDS, ""),
            ("12345", "foo=1&bar=2", "", signature),
        ] {
            let refused = SignedForm::of(secret, ADDRESS, &request(query, body, signature));
            assert_eq!(refused.expect_err("refused").status(), StatusCode::FORBIDDEN);
        }
    }

    #[test]
    fn a_field_that_stands_twice_says_nothing() {
        let twice = SignedForm([("From".to_owned(), ["a".to_owned(), "b".to_owned()].into())].into());
        assert_eq!(twice.get("From"), None);
        assert_eq!(twice.get("To"), None);
    }
}
