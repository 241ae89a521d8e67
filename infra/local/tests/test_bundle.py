"""What is submitted differs from the template only where it must."""

import json
import os
import string
import zipfile

import bundle
import pytest
from differences import for_the_emulator
from failure import Failure

TEMPLATE = """
Parameters:
  Senders: { Type: Number, Default: 5 }
  Stage: { Type: String, Default: test }
Resources:
  SendSms:
    Type: AWS::Serverless::Function
    Properties: { CodeUri: ../target/lambda/send-sms/, ReservedConcurrentExecutions: !Ref Senders }
  Queue:
    Type: AWS::SQS::Queue
    Properties: { QueueName: !Sub "${Stage}-sms", KmsMasterKeyId: !Ref Stage }
  Secret:
    Type: AWS::SecretsManager::Secret
    Properties: { GenerateSecretString: { PasswordLength: 44, ExcludePunctuation: true } }
Outputs:
  SecretArn: { Value: !Ref Secret }
"""


@pytest.fixture
def template(tmp_path):
    file = tmp_path / "template.yaml"
    file.write_text(TEMPLATE)
    return bundle.parsed(file)


def test_what_is_said_of_amazon_linux_is_said_to_aws_alone(template):
    template["Globals"] = {"Function": {"Timeout": 20, "Environment": {"Variables": {"SSL_CERT_FILE": "/etc/pki/ca.crt"}}}}
    assert for_the_emulator(template)["Globals"] == {"Function": {"Timeout": 20}}
    assert "Environment" in template["Globals"]["Function"], "the original is left alone"


def test_a_function_is_named_by_the_last_part_of_its_code_uri(template):
    assert bundle.functions(template) == {"SendSms": "send-sms"}


def test_numbers_become_numbers_and_texts_stay_references(template):
    resources = for_the_emulator(template)["Resources"]
    assert resources["SendSms"]["Properties"]["ReservedConcurrentExecutions"] == 5
    assert resources["Queue"] == template["Resources"]["Queue"]


def test_a_secret_is_named_by_its_arn_and_holds_no_punctuation(template):
    copy = for_the_emulator(template)
    assert copy["Outputs"]["SecretArn"]["Value"] == {"Fn::GetAtt": ["Secret", "Id"]}
    assert set(string.punctuation) <= set(copy["Resources"]["Secret"]["Properties"]["GenerateSecretString"]["ExcludeCharacters"])


def test_the_template_itself_is_left_alone(template):
    before = json.dumps(template)
    for_the_emulator(template)
    assert json.dumps(template) == before


def test_a_binary_becomes_an_executable_bootstrap_and_is_packed_again_only_when_it_changed(tmp_path):
    binary = tmp_path / "send-sms"
    binary.write_bytes(b"#!/bin/sh\n")
    archive = bundle.zipped(binary, tmp_path / "zip")
    with zipfile.ZipFile(archive) as packed:
        assert packed.read("bootstrap") == b"#!/bin/sh\n"
        assert packed.getinfo("bootstrap").external_attr >> 16 == 0o755
    first = archive.stat().st_mtime_ns
    assert bundle.zipped(binary, tmp_path / "zip").stat().st_mtime_ns == first
    later = archive.stat().st_mtime + 1
    os.utime(binary, (later, later))
    assert bundle.zipped(binary, tmp_path / "zip").stat().st_mtime_ns != first


def test_a_missing_binary_says_what_to_do(tmp_path):
    with pytest.raises(Failure, match="make build"):
        bundle.zipped(tmp_path / "send-sms", tmp_path)
