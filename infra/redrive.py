#!/usr/bin/env python3
"""Hands what lies in a stack's dead-letter queues on once more, and never shows what a message says.

A message leaves its dead-letter queue only after it was handed on. Run twice, it does no harm: every receiver knows what
it has done before.
"""

import argparse
import base64
import json
import os
import sys
import time
from collections import Counter
from datetime import datetime
from pathlib import Path

VENV = Path(__file__).resolve().parents[1] / "target" / "venv"

if not (VENV / "bin" / "python").exists():
    sys.exit(f"{VENV} is missing; install what this needs with `make setup`.")
if not os.path.samefile(sys.prefix, VENV):
    os.execv(VENV / "bin" / "python", [str(VENV / "bin" / "python"), __file__, *sys.argv[1:]])

import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError  # noqa: E402

DEAD = "DeadLetters"
# Nobody else gets a message while it is worked on. What ends this without a last word leaves messages hidden so long.
HIDDEN_SECONDS = 1800
# Longer than Lambda lets any function run; a second invocation by the SDK would be of no use.
INVOCATION = Config(read_timeout=910, retries={"total_max_attempts": 1})
BATCH = 100
EMPTY_READS = 20


class Stays(Exception):
    """Why a message stays where it lies. The text quotes nothing of the message."""


class Nothing(Stays):
    """There is nothing to hand on, now or later."""


class Stack:
    """The deployed stack, as far as dead letters concern it."""

    def __init__(self, session, name: str):
        self.sqs, self.sns, self.streams = (session.client(service) for service in ("sqs", "sns", "dynamodbstreams"))
        self.lambdas = session.client("lambda", config=INVOCATION)
        pages = session.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=name)
        resources = list(pages.search("StackResourceSummaries[]"))

        def of_type(kind: str) -> dict[str, str]:
            return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in resources if one["ResourceType"] == kind}

        queues = of_type("AWS::SQS::Queue")
        self.dead = {name: url for name, url in queues.items() if name.endswith(DEAD)}
        self.sources = {}
        for name, url in queues.items():
            policy = self.attribute(url, "RedrivePolicy")
            if policy:
                self.sources[json.loads(policy)["deadLetterTargetArn"]] = (name, url)
        self.functions = {name: logical_id for logical_id, name in of_type("AWS::Lambda::Function").items()}
        self.schedules_run = set()

    def attribute(self, url: str, name: str) -> str | None:
        return self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name]).get("Attributes", {}).get(name)

    def source(self, dead: str) -> tuple[str, str] | None:
        """The queue, by name and address, that gives up into this one."""
        return self.sources.get(self.attribute(self.dead[dead], "QueueArn"))

    def messages(self, dead: str):
        """Every message in the queue, once."""
        seen = set()
        while True:
            received = self.sqs.receive_message(
                QueueUrl=self.dead[dead], MaxNumberOfMessages=10, WaitTimeSeconds=1, VisibilityTimeout=HIDDEN_SECONDS,
                MessageSystemAttributeNames=["SentTimestamp"], MessageAttributeNames=["All"]).get("Messages", [])
            fresh = [one for one in received if one["MessageId"] not in seen]
            for one in received:
                if one not in fresh:
                    self.release(dead, one)
            if not fresh:
                return
            seen |= {one["MessageId"] for one in fresh}
            yield from fresh

    def release(self, dead: str, message: dict) -> None:
        """Let others have it again."""
        self.sqs.change_message_visibility(
            QueueUrl=self.dead[dead], ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)

    def delete(self, dead: str, message: dict) -> None:
        self.sqs.delete_message(QueueUrl=self.dead[dead], ReceiptHandle=message["ReceiptHandle"])

    def way(self, source: tuple[str, str] | None, message: dict):
        """Where the message goes, and what takes it there."""
        attributes = message.get("MessageAttributes", {})
        if source:
            name, url = source
            return f"to {name}", lambda: self.sqs.send_message(
                QueueUrl=url, MessageBody=message["Body"], MessageAttributes=attributes)
        try:
            return self.way_of(json.loads(message["Body"]), attributes)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Nothing("in no known shape") from None

    def way_of(self, body, attributes: dict):
        """The same for what no queue gave up."""
        if "SCHEDULE_ARN" in attributes:
            return self.missed_run(attributes, body)
        if "requestPayload" in body:  # a function's own failure
            function = self.function(body["requestContext"]["functionArn"])
            return f"to {self.functions[function]}", lambda: self.invoke(function, body["requestPayload"])
        if "DDBStreamBatchInfo" in body:
            function, batch = self.function(body["requestContext"]["functionArn"]), body["DDBStreamBatchInfo"]
            last = int(batch["endSequenceNumber"])
            first = {"StreamArn": batch["streamArn"], "ShardId": batch["shardId"], "SequenceNumber": batch["startSequenceNumber"]}
            return f"to {self.functions[function]}, from the stream", lambda: self.replay(function, first, last)
        if body.get("Type") == "Notification" and "TopicArn" in body:
            function, event = self.notification(body)
            return f"to {self.functions[function]}", lambda: self.invoke(function, event)
        raise Nothing("in no known shape")

    def function(self, arn: str) -> str:
        """The name of the stack's function that the ARN names."""
        name = arn.split(":function:")[-1].split(":")[0]
        if name not in self.functions:
            raise Stays("for a function that is not of this stack")
        return name

    def invoke(self, function: str, event) -> None:
        """Run the function, which must succeed."""
        answer = self.lambdas.invoke(FunctionName=function, Payload=json.dumps(event, default=plain))
        result = answer["Payload"].read()
        failed = "FunctionError" in answer
        if not failed and result:
            result = json.loads(result)
            failed = isinstance(result, dict) and bool(result.get("batchItemFailures"))
        if failed:
            raise Stays(f"{self.functions[function]} failed again, and logged why")

    def missed_run(self, attributes: dict, payload):
        """A run makes up for all that were missed before it, so each schedule runs once."""
        schedule, function = attributes["SCHEDULE_ARN"]["StringValue"], self.function(attributes["TARGET_ARN"]["StringValue"])

        def run():
            if schedule not in self.schedules_run:
                self.invoke(function, payload)
                self.schedules_run.add(schedule)
        return f"made up for by one run of {self.functions[function]}", run

    def notification(self, envelope: dict):
        """The subscribed function, and the notification as the topic hands it over."""
        topic = envelope["TopicArn"]
        for of in self.sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic).search("Subscriptions[]"):
            if of["Protocol"] == "lambda":
                names = {"SigningCertURL": "SigningCertUrl", "UnsubscribeURL": "UnsubscribeUrl"}
                inner = {"Subject": None, "MessageAttributes": {}} | {
                    names.get(name, name): value for name, value in envelope.items()}
                record = {"EventVersion": "1.0", "EventSource": "aws:sns", "EventSubscriptionArn": of["SubscriptionArn"]}
                return self.function(of["Endpoint"]), {"Records": [record | {"Sns": inner}]}
        raise Stays("from a topic that no function is subscribed to")

    def replay(self, function: str, first: dict, last: int) -> None:
        """Hand the events from the first to the last over again. The stream keeps them for a day."""
        events, reached, empty = [], -1, 0
        try:
            iterator = self.streams.get_shard_iterator(ShardIteratorType="AT_SEQUENCE_NUMBER", **first)["ShardIterator"]
            while iterator and reached < last and empty < EMPTY_READS:
                page = self.streams.get_records(ShardIterator=iterator)
                iterator, records = page.get("NextShardIterator"), page["Records"]
                empty = 0 if records else empty + 1
                for record in records:
                    reached = int(record["dynamodb"]["SequenceNumber"])
                    if reached <= last and is_event(record):
                        events.append(record)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("TrimmedDataAccessException", "ResourceNotFoundException"):
                raise Nothing("older than the stream remembers") from None
            raise
        for start in range(0, len(events), BATCH):
            self.invoke(function, {"Records": events[start:start + BATCH]})


def is_event(record: dict) -> bool:
    """What the template's filter lets through to the function."""
    return record["eventName"] == "INSERT" and record["dynamodb"]["Keys"]["sk"]["S"].startswith("EVENT#")


def plain(value):
    """What JSON has no word for, as Lambda writes it."""
    return value.timestamp() if isinstance(value, datetime) else base64.b64encode(value).decode()


def sent(message: dict) -> int:
    """When it was sent first, in milliseconds since 1970."""
    return int(message["Attributes"]["SentTimestamp"])


def age(milliseconds: float) -> str:
    minutes = int(max(0, milliseconds) // 60_000)
    days, hours = divmod(minutes // 60, 24)
    return f"{days} d {hours} h" if days else f"{hours} h {minutes % 60} min"


def reason(error: ClientError) -> str:
    """What AWS refused, without its text, which may quote the message."""
    return f"{error.operation_name} was refused: {error.response['Error']['Code']}"


def redrive(stack: Stack, dead: str, dry_run: bool, drop: bool) -> bool:
    """Work one queue off and say so in a line; whether nothing is left of what was found."""
    source, done, left, kept, oldest = stack.source(dead), Counter(), Counter(), [], None
    try:
        for message in stack.messages(dead):
            oldest = min(oldest or sent(message), sent(message))
            kept.append(message)
            where, why = "", None
            try:
                where, hand_on = stack.way(source, message)
                if not dry_run:
                    hand_on()
            except Stays as stays:
                why = stays
            except ParamValidationError:
                why = Nothing("in no known shape")
            except ClientError as error:
                why = Stays(reason(error))
            if dry_run:
                done[f"would go {where}" if why is None else f"would stay, {why}"] += 1
            elif why is None:
                stack.delete(dead, message)
                kept.pop()
                done[where] += 1
            elif drop and isinstance(why, Nothing):
                stack.delete(dead, message)
                kept.pop()
                done[f"dropped, {why}"] += 1
            else:
                left[str(why)] += 1
    finally:
        for message in kept:
            stack.release(dead, message)
    if oldest is None:
        print(f"{dead}: empty", flush=True)
        return True
    found = sum(done.values()) + sum(left.values())
    parts = [f"{found} found, the oldest {age(time.time() * 1000 - oldest)} old"]
    parts += [f"{count} {what}" for what, count in done.items()]
    parts += [f"{count} left, {why}" for why, count in left.items()]
    print(f"{dead}: " + "; ".join(parts if left or dry_run else [*parts, "none left"]), flush=True)
    return not left


def chosen(stack: Stack, name: str) -> list[str]:
    """The queues meant by `sms`, `receipts` or `all`: what stands before DeadLetters in a queue's logical id."""
    known = {queue.removesuffix(DEAD).lower(): queue for queue in sorted(stack.dead)}
    if name == "all":
        return list(known.values())
    meant = known.get(name.lower()) or known.get(name.lower().removesuffix("s"))
    if meant is None:
        sys.exit(f"There is no queue {name}: choose all or one of {', '.join(known)}.")
    return [meant]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("queue", nargs="?", default="all", help="sms, email, inbound … or all")
    parser.add_argument("--stack", default="tongji")
    parser.add_argument("--dry-run", action="store_true", help="look only: how many, how old, where to")
    parser.add_argument("--drop", action="store_true", help="delete what can never be handed on")
    options = parser.parse_args()
    try:
        # The CLI knows the region by two names, the SDK by one of them.
        stack = Stack(boto3.session.Session(region_name=os.environ.get("AWS_REGION")), options.stack)
        clean = [redrive(stack, dead, options.dry_run, options.drop) for dead in chosen(stack, options.queue)]
    except ClientError as error:
        sys.exit(f"{reason(error)}, for the stack {options.stack}")
    except BotoCoreError as error:
        sys.exit(f"AWS could not be asked: {type(error).__name__}. The AWS CLI's environment names account, region and endpoint.")
    return 0 if all(clean) else 1


if __name__ == "__main__":
    sys.exit(main())
