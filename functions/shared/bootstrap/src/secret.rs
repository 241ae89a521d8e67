//! Secrets, read once at start.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::SdkError;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;

/// Why a secret is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretUnavailable {
    /// It could not be read.
    #[error("the secret cannot be read")]
    Unreadable(#[from] Box<SdkError<GetSecretValueError>>),
    /// It holds no text.
    #[error("the secret holds no text")]
    Empty,
}

/// The text of the secret with this ARN or name.
///
/// # Errors
/// When it cannot be read or is empty.
pub async fn secret(aws: &aws_config::SdkConfig, id: &str) -> Result<String, SecretUnavailable> {
    let answer = Client::new(aws).get_secret_value().secret_id(id).send().await.map_err(Box::new)?;
    answer.secret_string.filter(|text| !text.is_empty()).ok_or(SecretUnavailable::Empty)
}
