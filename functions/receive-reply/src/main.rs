//! Texts from residents, by gateways' webhooks, by AWS two-way SMS, or fetched from a gateway.

use aws_sdk_dynamodb::Client;
use bootstrap::{Environment, SettingsFeed, SystemClock, SystemEntropy, secret};
use lambda_runtime::service_fn;
use receive_reply::{Config, Gallery, Gateways, InboundTopic, MediaHosts, MessageHub, Receiver, Secrets};
use store::{RecipientKey, Table};
use uploads::Submissions;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), bootstrap::Error> {
    bootstrap::tracing();
    let config = Config::read(&Environment::of_process())?;
    let aws = bootstrap::aws().await;
    let (recipient_key, standard, twilio) = tokio::try_join!(
        secret(&aws, &config.recipient_key_secret),
        secret(&aws, &config.webhook_secret),
        secret(&aws, &config.twilio_secret),
    )?;
    let gateways = Gateways {
        receiver: Receiver {
            table: Table::new(Client::new(&aws), config.table),
            settings: SettingsFeed::connect(&aws, &config.settings_parameter, SystemClock),
            recipient_key: RecipientKey::new(&recipient_key),
            clock: SystemClock,
            entropy: SystemEntropy,
        },
        media: Gallery::new(
            MediaHosts::parse(&config.media_hosts.unwrap_or_default())?,
            Submissions::new(&aws, config.submission_bucket),
        ),
        secrets: Secrets { standard, twilio, public_url: config.public_url },
        message_hub: MessageHub::connect(&aws, config.message_hub_url, &config.message_hub_secret).await?,
        later: InboundTopic { sns: aws_sdk_sns::Client::new(&aws), arn: config.inbound_topic },
    };
    let gateways = &gateways;
    // Boxed: the futures of the AWS clients nest deeper than the compiler lays out in one piece.
    lambda_runtime::run(service_fn(move |event| Box::pin(gateways.handle(event)))).await
}
