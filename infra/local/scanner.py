"""Stands in for GuardDuty Malware Protection for S3, which the emulator lacks: searches what residents hand in for the EICAR
test string, and tells the result as GuardDuty's rule would.

EventBridge takes no event in the name of an AWS service from anyone else, so the rule is passed by: the event goes straight to
the rule's target."""

import json
import sys
import time

from botocore.exceptions import BotoCoreError, ClientError

from emulator import client_at

# Split, so that no scanner takes this file for what it looks for.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
PREFIX = "quarantine/"
PAUSE_SECONDS = 0.5


def event(bucket: str, key: str, tag: str, content: bytes) -> dict:
    """What GuardDuty tells of a searched object (User Guide, "Monitoring S3 object scans with Amazon EventBridge")."""
    infected = EICAR in content
    return {
        "version": "0",
        "source": "aws.guardduty",
        "detail-type": "GuardDuty Malware Protection Object Scan Result",
        "detail": {
            "schemaVersion": "1.0",
            "scanStatus": "COMPLETED",
            "resourceType": "S3_OBJECT",
            "s3ObjectDetails": {"bucketName": bucket, "objectKey": key, "eTag": tag, "versionId": "null", "s3Throttled": False},
            "scanResultDetails": {
                "scanResultStatus": "THREATS_FOUND" if infected else "NO_THREATS_FOUND",
                "threats": [{"name": "EICAR-Test-File"}] if infected else None,
            },
        },
    }


def search(s3, sqs, bucket: str, queue: str, searched: set) -> None:
    """Search every content that has not been searched, and tell of it."""
    found = set()
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PREFIX):
        for item in page.get("Contents", []):
            content = (item["Key"], item["ETag"].strip('"'))
            found.add(content)
            if content in searched:
                continue
            try:
                body = s3.get_object(Bucket=bucket, Key=item["Key"], IfMatch=item["ETag"])["Body"].read()
            except ClientError:
                continue  # gone or overwritten meanwhile; the next look shows it
            sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(event(bucket, *content, body)))
            searched.add(content)
    searched &= found


def main() -> None:
    endpoint, bucket, queue = sys.argv[1:]
    s3, sqs = client_at(endpoint, "s3"), client_at(endpoint, "sqs")
    searched: set = set()
    while True:
        try:
            search(s3, sqs, bucket, queue, searched)
        except (BotoCoreError, ClientError) as error:
            print(f"looked in vain: {error}", flush=True)
        time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    main()
