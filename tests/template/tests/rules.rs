//! What must hold of the template whatever else changes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use bootstrap::Environment;
use serde_yaml_ng::Value;
use template::{Template, names};

const FUNCTION: &str = "AWS::Serverless::Function";
const QUEUE: &str = "AWS::SQS::Queue";
const MAPPING: &str = "AWS::Lambda::EventSourceMapping";
const ALARM: &str = "AWS::CloudWatch::Alarm";

fn logical_id(package: &str) -> String {
    package.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

fn packages() -> Vec<String> {
    let manifest = include_str!("../../../Cargo.toml");
    let members = manifest.lines().filter_map(|line| line.trim().strip_prefix("\"functions/"));
    let names = members.map(|rest| rest.trim_end_matches("\",").to_owned());
    names.filter(|name| !name.starts_with("shared/")).collect()
}

#[test]
fn one_folder_one_package_one_binary_one_logical_id() {
    let template = Template::read();
    let mut deployed: Vec<_> = template
        .of_type(FUNCTION)
        .iter()
        .map(|(id, properties)| ((*id).to_owned(), names(&properties["CodeUri"])))
        .collect();
    let mut built: Vec<_> =
        packages().iter().map(|name| (logical_id(name), format!("../target/lambda/{name}/"))).collect();
    deployed.sort();
    built.sort();
    assert_eq!(deployed, built);
    assert!(built.len() >= 6);
}

#[test]
fn each_function_is_told_what_it_reads_and_nothing_else() {
    fn asked<T, E: std::fmt::Debug>(read: impl FnOnce(&Environment) -> Result<T, E>) -> Vec<&'static str> {
        let environment = Environment::recording();
        read(&environment).expect("every variable is there");
        environment.asked()
    }
    let read = [
        ("IntakeNotice", asked(intake_notice::Config::read)),
        ("RelayEvents", asked(relay_events::Config::read)),
        ("SendSms", asked(send_sms::Config::read)),
        ("SendEmail", asked(send_email::Config::read)),
        ("SelectPreference", asked(select_preference::Config::read)),
        ("ReceiveReply", asked(receive_reply::Config::read)),
        ("WatchDeadlines", asked(watch_deadlines::Config::read)),
        ("NotifyRenewals", asked(notify_renewals::Config::read)),
        ("RecordReceipt", asked(record_receipt::Config::read)),
        ("RenderLetter", asked(render_letter::Config::read)),
        ("PostLetters", asked(post_letters::Config::read)),
        ("StaffConsole", asked(staff_console::Config::read)),
        ("ImportBatch", asked(import_batch::Config::read)),
        ("CheckSubmission", asked(check_submission::Config::read)),
    ];
    let template = Template::read();
    let functions = template.of_type(FUNCTION);
    assert_eq!(functions.len(), read.len(), "every function is checked");
    for (id, properties) in functions {
        let told = properties["Environment"]["Variables"].as_mapping().expect("variables");
        let mut told: Vec<&str> = told.keys().map(|name| name.as_str().expect("a name")).collect();
        told.sort_unstable();
        let (_, asked) = read.iter().find(|(name, _)| *name == id).expect("a function with a configuration");
        assert_eq!(&told, asked, "{id}");
    }
}

fn statements(properties: &Value) -> Vec<&Value> {
    let policies = properties["Policies"].as_sequence().expect("policies");
    policies
        .iter()
        .flat_map(|policy| policy["Statement"].as_sequence().expect("statements, and no policy template"))
        .collect()
}

#[test]
fn roles_name_verbs_and_resources() {
    for (id, properties) in Template::read().of_type(FUNCTION) {
        for statement in statements(properties) {
            let actions = names(&statement["Action"]);
            assert!(!actions.contains('*'), "{id}: {actions}");
            for action in actions.split(',') {
                let takes_no_resource = action == "dynamodb:ListStreams";
                assert!(takes_no_resource || names(&statement["Resource"]) != "*", "{id}: {action} on everything");
            }
        }
    }
}

#[test]
fn roles_hold_what_their_work_needs() {
    let template = Template::read();
    let allowed = |id: &str| -> BTreeSet<String> {
        let functions = template.of_type(FUNCTION);
        let (_, properties) = functions.iter().find(|(name, _)| *name == id).expect("the function");
        statements(properties)
            .iter()
            .flat_map(|statement| names(&statement["Action"]).split(',').map(str::to_owned).collect::<Vec<_>>())
            .collect()
    };
    assert!(allowed("SendSms").contains("sns:Publish"));
    assert!(allowed("SendEmail").contains("ses:SendEmail"));
    let readers = [
        "IntakeNotice",
        "RelayEvents",
        "SelectPreference",
        "ReceiveReply",
        "WatchDeadlines",
        "NotifyRenewals",
        "RecordReceipt",
    ];
    for id in readers.into_iter().chain(["SendSms"]) {
        assert!(!allowed(id).contains("ses:SendEmail"), "{id} sends no mail");
    }
    for id in readers.into_iter().chain(["SendEmail"]).filter(|id| *id != "ReceiveReply") {
        assert!(!allowed(id).contains("sns:Publish"), "{id} sends no texts");
    }
    let functions = template.of_type(FUNCTION);
    let (_, receive_reply) = functions.iter().find(|(id, _)| *id == "ReceiveReply").expect("the function");
    let publishes = |statement: &&&Value| names(&statement["Action"]) == "sns:Publish";
    let topics: Vec<String> =
        statements(receive_reply).iter().filter(publishes).map(|statement| names(&statement["Resource"])).collect();
    assert_eq!(topics, ["InboundTopic"], "what comes in again, and no texts");
    assert!(!allowed("RelayEvents").contains("dynamodb:PutItem"), "the relay adds to numbers, and replaces nothing");
    let withdraws = "dynamodb:DeleteItem";
    for id in ["RelayEvents", "SendSms", "SendEmail", "WatchDeadlines", "NotifyRenewals"] {
        assert!(!allowed(id).contains(withdraws), "{id} deletes nothing");
    }
}

#[test]
fn every_queue_has_a_dead_letter_queue_with_an_alarm() {
    let template = Template::read();
    let alarms = template.of_type(ALARM);
    let watched = |queue: &str, metric: &str| {
        alarms.iter().any(|(_, alarm)| {
            alarm["MetricName"] == metric
                && alarm["Dimensions"].as_sequence().is_some_and(|dimensions| {
                    dimensions.iter().any(|dimension| names(&dimension["Value"]) == format!("{queue}.QueueName"))
                })
                && !alarm["AlarmActions"].is_null()
        })
    };
    let queues = template.of_type(QUEUE);
    assert!(queues.len() >= 6);
    let mut given_up_into = BTreeSet::new();
    for (id, properties) in queues {
        assert!(!properties["KmsMasterKeyId"].is_null(), "{id} is encrypted");
        if id.ends_with("DeadLetters") {
            assert!(watched(id, "ApproximateNumberOfMessagesVisible"), "{id} has an alarm on its depth");
        } else {
            let dead = names(&properties["RedrivePolicy"]["deadLetterTargetArn"]);
            assert!(dead.ends_with("DeadLetters.Arn"), "{id} gives up into {dead}");
            assert!(watched(id, "ApproximateAgeOfOldestMessage"), "{id} has an alarm on its age");
            assert!(given_up_into.insert(dead.clone()), "{id}: what lies in {dead} goes back to one queue");
        }
    }
}

#[test]
fn a_message_stays_hidden_longer_than_the_function_that_has_it_runs() {
    let template = Template::read();
    let (functions, queues) = (template.of_type(FUNCTION), template.of_type(QUEUE));
    let of_all = template.at(&["Globals", "Function", "Timeout"]).as_u64().expect("a timeout");
    let mut fed = 0;
    for (id, mapping) in template.of_type(MAPPING) {
        let source = names(&mapping["EventSourceArn"]);
        let Some((_, queue)) = queues.iter().find(|(queue, _)| source == format!("{queue}.Arn")) else { continue };
        let function = names(&mapping["FunctionName"]);
        let (_, function) = functions.iter().find(|(name, _)| function == *name).expect("a function");
        let runs = function["Timeout"].as_u64().unwrap_or(of_all);
        // Six times, as Lambda advises for its own retries; work of minutes is held by a lease, and waits no half hour for
        // whoever goes on with it.
        let hidden = if runs < 120 { 6 * runs } else { runs + 60 };
        assert!(queue["VisibilityTimeout"].as_u64() >= Some(hidden), "{id}: {hidden} seconds at least");
        fed += 1;
    }
    assert!(fed >= 6);
}

#[test]
fn whatever_feeds_a_function_has_an_alarm_on_its_age() {
    let template = Template::read();
    let watched = |metric: &str, dimension: &str| {
        template
            .of_type(ALARM)
            .iter()
            .any(|(_, alarm)| alarm["MetricName"] == metric && names(&alarm["Dimensions"][0]["Value"]) == dimension)
    };
    for (id, mapping) in template.of_type(MAPPING) {
        let source = names(&mapping["EventSourceArn"]);
        if let Some(queue) = source.strip_suffix(".Arn") {
            assert!(template.of_type(QUEUE).iter().any(|(name, _)| *name == queue), "{id}: {queue}");
            assert!(watched("ApproximateAgeOfOldestMessage", &format!("{queue}.QueueName")), "{id}");
        } else {
            assert!(source.ends_with(".StreamArn"), "{id}: {source}");
            assert!(watched("IteratorAge", &names(&mapping["FunctionName"])), "{id}");
        }
    }
}

#[test]
fn the_mail_service_is_watched_before_it_stops_the_account() {
    let template = Template::read();
    for (metric, limit) in [("Reputation.BounceRate", 0.05), ("Reputation.ComplaintRate", 0.001)] {
        let alarms = template.of_type(ALARM);
        let of_metric = |(_, alarm): &&(&str, &Value)| alarm["MetricName"] == metric && alarm["Namespace"] == "AWS/SES";
        let (id, alarm) = alarms.iter().find(of_metric).expect(metric);
        assert_eq!(alarm["Threshold"].as_f64(), Some(limit), "{id}");
        assert_eq!(alarm["ComparisonOperator"], "GreaterThanOrEqualToThreshold", "{id}");
        assert!(alarm["Dimensions"].is_null(), "{id}: the rate is the account's");
    }
}

/// The names of all metrics that the functions count. What writes them has none of its own.
fn counted() -> BTreeSet<String> {
    fn sources(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() && !path.ends_with("tests") {
                sources(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("metric.rs") {
                found.push(fs::read_to_string(&path).expect("a source file"));
            }
        }
    }
    let mut texts = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../functions"), &mut texts);
    let calls = texts.iter().flat_map(|text| {
        let one = text.split("count(&").skip(1);
        one.chain(text.split("count_many(").skip(1)).map(|rest| rest.split(';').next().unwrap_or_default())
    });
    let literals = calls.flat_map(|call| call.split('"').skip(1).step_by(2));
    literals.filter(|name| name.starts_with(char::is_uppercase)).map(str::to_owned).collect()
}

#[test]
fn the_dashboard_shows_every_alarm_and_all_that_functions_count() {
    let template = Template::read();
    let dashboards = template.of_type("AWS::CloudWatch::Dashboard");
    let [(_, dashboard)] = dashboards[..] else { unreachable!("one dashboard") };
    let body = names(&dashboard["DashboardBody"]);
    let body: serde_json::Value = serde_json::from_str(&body).expect("the dashboard is JSON");
    let widgets = body["widgets"].as_array().expect("widgets");
    let shown: BTreeSet<&str> = widgets[0]["properties"]["alarms"]
        .as_array()
        .expect("alarms")
        .iter()
        .filter_map(|arn| arn.as_str()?.strip_prefix("${")?.strip_suffix(".Arn}"))
        .collect();
    let alarms: BTreeSet<&str> = template.of_type(ALARM).into_iter().map(|(id, _)| id).collect();
    assert_eq!(shown, alarms);

    let metrics = || widgets.iter().filter_map(|widget| widget["properties"]["metrics"].as_array()).flatten();
    let ours = metrics().filter(|metric| metric[0] == "Tongji");
    let ours: BTreeSet<String> = ours.map(|metric| metric[1].as_str().expect("a name").to_owned()).collect();
    assert_eq!(ours, counted());
    let searches: Vec<&str> = metrics().filter_map(|metric| metric[0]["expression"].as_str()).collect();
    for wanted in [
        "ApproximateNumberOfMessagesVisible",
        "ApproximateAgeOfOldestMessage",
        " DeadLetters'",
        "Errors",
        "Throttles",
        "Duration",
        "ConcurrentExecutions",
    ] {
        assert!(searches.iter().any(|search| search.contains(wanted)), "{wanted}");
    }
    assert!(searches.iter().all(|search| search.contains("} ${AWS::StackName} ")), "of this stack only");
}

#[test]
fn alarms_look_at_what_functions_count() {
    let counted = counted();
    assert!(counted.len() >= 7, "{counted:?}");
    for (id, alarm) in Template::read().of_type(ALARM) {
        if alarm["Namespace"] == "Tongji" {
            assert!(counted.contains(&names(&alarm["MetricName"])), "{id}");
        }
    }
}

#[test]
fn every_alarm_has_its_line_in_the_runbook_and_every_line_its_alarm() {
    let readme = include_str!("../../../README.md");
    let runbook = readme.split("\n## Runbook\n").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("a runbook");
    let rows: Vec<(&str, &str)> =
        runbook.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |")).collect();
    let described: BTreeSet<&str> = rows.iter().map(|(alarm, _)| *alarm).collect();
    assert_eq!(described.len(), rows.len(), "each once");
    let template = Template::read();
    let alarms: BTreeSet<&str> = template.of_type(ALARM).into_iter().map(|(id, _)| id).collect();
    assert_eq!(described, alarms);
    for (alarm, row) in rows {
        if let Some(queue) = alarm.strip_suffix("DeadLettersAlarm") {
            let command = format!("`make redrive QUEUE={}", queue.to_lowercase());
            assert!(row.contains(&command), "{alarm}: {command}");
        }
        assert!(!row.trim_end_matches(" |").ends_with('|'), "{alarm}: what to do");
    }
}

#[test]
fn sources_give_up_somewhere_and_report_single_failures() {
    let template = Template::read();
    let mappings = template.of_type(MAPPING);
    assert_eq!(mappings.len(), 7);
    for (id, properties) in mappings {
        assert_eq!(names(&properties["FunctionResponseTypes"]), "ReportBatchItemFailures", "{id}");
        if names(&properties["EventSourceArn"]).contains("StreamArn") {
            assert!(properties["MaximumRetryAttempts"].as_u64().is_some(), "{id} retries without end");
            assert!(properties["MaximumRecordAgeInSeconds"].as_u64().is_some(), "{id} waits without end");
            let dead = names(&properties["DestinationConfig"]["OnFailure"]["Destination"]);
            assert_eq!(dead, "StreamDeadLetters.Arn");
            assert!(names(&properties["FilterCriteria"]["Filters"][0]["Pattern"]).contains("EVENT#"), "events only");
        }
    }
}

#[test]
fn schedules_know_the_office_s_time_and_give_up_into_a_queue() {
    let template = Template::read();
    let schedules = template.of_type("AWS::Scheduler::Schedule");
    assert!(!schedules.is_empty());
    for (id, schedule) in schedules {
        assert_eq!(schedule["ScheduleExpressionTimezone"], "Asia/Seoul", "{id}");
        let target = &schedule["Target"];
        assert_eq!(names(&target["DeadLetterConfig"]["Arn"]), "ScheduleDeadLetters.Arn", "{id}");
        assert!(target["RetryPolicy"]["MaximumEventAgeInSeconds"].as_u64().is_some(), "{id} retries without end");
        let function = names(&target["Arn"]);
        assert!(
            template.of_type(FUNCTION).iter().any(|(name, _)| function == format!("{name}.Arn")),
            "{id}: {function}"
        );
    }
    let at = |function: &str| {
        let of_function =
            |(_, schedule): &&(&str, &Value)| names(&schedule["Target"]["Arn"]) == format!("{function}.Arn");
        let schedules = template.of_type("AWS::Scheduler::Schedule");
        names(&schedules.iter().find(of_function).expect(function).1["ScheduleExpression"])
    };
    assert_eq!(at("PostLetters"), "cron(0 16 ? * MON-FRI *)", "letters are printed each weekday at 16:00");
    assert_eq!(at("NotifyRenewals"), "cron(0 9 * * ? *)", "permits are looked at each day at 9:00");
    assert_eq!(at("WatchDeadlines"), "rate(5 minutes)");
}

#[test]
fn what_functions_count_for_operators_raises_an_alarm() {
    let template = Template::read();
    let alarms = template.of_type(ALARM);
    for metric in [
        "SettingsRefused",
        "NoticesStuck",
        "DeadlinesFailed",
        "DeadlinesLeft",
        "DeadlinesMoved",
        "RenewalsSent",
        "RenewalsFailed",
        "RenewalsLeft",
        "UnknownReceiptWord",
        "SendingMisconfigured",
        "MessageHubPolled",
        "MessageHubTextsLost",
    ] {
        let watched = alarms.iter().any(|(_, alarm)| alarm["MetricName"] == metric && alarm["Namespace"] == "Tongji");
        assert!(watched, "{metric}");
    }
}

#[test]
fn what_topics_logs_and_the_day_hand_over_is_tried_again_and_then_kept() {
    let template = Template::read();
    let attempts = template.of_type("AWS::Lambda::EventInvokeConfig");
    for (function, queue) in [
        ("ReceiveReply", "InboundDeadLetters.Arn"),
        ("RecordReceipt", "ReceiptDeadLetters.Arn"),
        ("PostLetters", "ScheduleDeadLetters.Arn"),
    ] {
        let of_function = |(_, config): &&(&str, &Value)| names(&config["FunctionName"]) == function;
        let (_, config) = attempts.iter().find(of_function).expect("a configuration");
        // A receipt is waited for as long as the attempts last.
        assert_eq!(config["MaximumRetryAttempts"].as_u64(), Some(2), "{function}");
        assert_eq!(names(&config["DestinationConfig"]["OnFailure"]["Destination"]), queue, "{function}");
    }
    for (id, subscription) in template.of_type("AWS::SNS::Subscription") {
        let function = names(&subscription["Endpoint"]).replace(".Arn", "");
        let is_kept = attempts.iter().any(|(_, config)| names(&config["FunctionName"]) == function);
        assert!(is_kept && !subscription["RedrivePolicy"].is_null(), "{id}");
    }
    for (id, filter) in template.of_type("AWS::Logs::SubscriptionFilter") {
        assert_eq!(names(&filter["DestinationArn"]), "RecordReceipt.Arn", "{id}");
    }
    let (_, events) = template.of_type("AWS::SES::ConfigurationSetEventDestination")[0];
    let wanted = names(&events["EventDestination"]["MatchingEventTypes"]);
    assert_eq!(wanted, "delivery,deliveryDelay,bounce,complaint,reject");
}

#[test]
fn a_gateway_is_asked_only_where_the_office_has_one() {
    let template = Template::read();
    assert_eq!(template.at(&["Resources", "PollRepliesSchedule", "Condition"]), "AsksMessageHub");
    assert_eq!(template.at(&["Parameters", "MessageHubUrl", "Default"]), "");
    assert_eq!(
        template.at(&["Parameters", "MediaHosts", "Default"]),
        "",
        "and files are fetched only from named hosts"
    );
    let missing = &template.at(&["Resources", "MessageHubStoppedAlarm", "Properties"])["TreatMissingData"];
    assert_eq!(names(missing), "AsksMessageHub,breaching,notBreaching", "silence is an alarm there alone");
}

#[test]
fn the_public_page_has_a_limit_of_its_own() {
    let template = Template::read();
    let stages = template.of_type("AWS::ApiGatewayV2::Stage");
    let limits = &stages[0].1["RouteSettings"]["POST /verify"];
    assert_eq!(names(&limits["ThrottlingRateLimit"]), "VerifyRateLimit");
    let made_first = template.at(&["Resources", stages[0].0, "DependsOn"]);
    let route = template.at(&["Resources", made_first.as_str().expect("a route"), "Properties", "RouteKey"]);
    assert_eq!(route, "POST /verify", "a limit needs its route");
}

#[test]
fn the_table_is_recoverable_encrypted_and_kept() {
    let template = Template::read();
    let (id, table) = template.of_type("AWS::DynamoDB::Table")[0];
    assert_eq!(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
    assert_eq!(table["SSESpecification"]["SSEType"], "KMS");
    assert_eq!(table["TimeToLiveSpecification"]["AttributeName"], "expires");
    assert_eq!(table["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(template.at(&["Resources", id, "DeletionPolicy"]), "Retain");
}

#[test]
fn the_offices_routes_are_guarded_and_the_residents_are_open() {
    let template = Template::read();
    let routes = template.of_type("AWS::ApiGatewayV2::Route");
    assert!(routes.len() >= 10);
    for (id, route) in routes {
        let key = names(&route["RouteKey"]);
        let (method, path) = key.split_once(' ').expect("a method and a path");
        if path.starts_with("/v1/") && path != "/v1/openapi.json" {
            assert_eq!(route["AuthorizationType"], "JWT", "{id}");
            let scope = match method {
                _ if path.starts_with("/v1/letters/") || path.ends_with("/returned") => "notices/print",
                _ if path == "/v1/access" => "notices/audit",
                "GET" => "notices/read",
                _ => "notices/write",
            };
            assert_eq!(names(&route["AuthorizationScopes"]), scope, "{id}");
        } else {
            assert!(route["AuthorizationType"].is_null(), "{id}");
        }
    }
}

#[test]
fn logs_end_and_paths_with_links_stay_out_of_them() {
    let template = Template::read();
    for (id, logs) in template.of_type("AWS::Logs::LogGroup") {
        if names(&logs["LogGroupName"]).starts_with("sns/") {
            // The carrier's lines hold telephone numbers.
            assert_eq!(names(&logs["RetentionInDays"]), "7", "{id}");
            assert_eq!(names(&logs["KmsKeyId"]), "DataKey.Arn", "{id}");
        } else {
            assert_eq!(names(&logs["RetentionInDays"]), "LogRetentionDays", "{id}");
        }
    }
    let stages = template.of_type("AWS::ApiGatewayV2::Stage");
    let format = names(&stages[0].1["AccessLogSettings"]["Format"]);
    assert!(format.contains("routeKey") && !format.contains("path") && !format.contains("sourceIp"), "{format}");
}

#[test]
fn every_parameter_is_used() {
    let template = Template::read();
    let uses = Template::text();
    for name in template.at(&["Parameters"]).as_mapping().expect("parameters").keys() {
        let name = name.as_str().expect("a name");
        let is_used = uses.contains(&format!("!Ref {name}")) || uses.contains(&format!("${{{name}}}"));
        assert!(is_used, "{name}");
    }
}
