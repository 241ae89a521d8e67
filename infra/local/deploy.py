"""Deploys infra/template.yaml to the emulator through CloudFormation and reads back what a client needs to know."""

import json
import platform
import time
from pathlib import Path

from botocore.exceptions import ClientError

import bundle
from emulator import REGION, Emulator
from failure import Failure

STACK = "tongji"
DEPLOY_SECONDS = 120
# What the office's settings say otherwise on this machine. The same time twice is the whole day: whoever tries the
# service in the evening should not wait for the morning.
HERE = {"sending_hours": {"from": "00:00", "until": "00:00"}}


def store_settings(emulator: Emulator, template: dict, settings: Path) -> None:
    """Put the office's settings, but for what is different `HERE`, where the template says the functions read them."""
    declared = template.get("Parameters", {}).get("SettingsParameter")
    if declared is None:
        return
    if not settings.is_file():
        raise Failure(f"{settings} is missing; the functions read the office's settings from it.")
    adapted = json.loads(settings.read_text(encoding="utf-8")) | HERE
    minified = json.dumps(adapted, ensure_ascii=False, separators=(",", ":"))
    emulator.client("ssm").put_parameter(
        Name=declared["Default"], Value=minified, Type="String", Tier="Intelligent-Tiering", Overwrite=True)


def parameters(template: dict, public_url: str) -> list[dict]:
    """What this machine decides, as far as the template asks for it."""
    machine = {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "x86_64")
    # Pictures of an MMS lie on the handset.
    chosen = {"Architecture": machine, "PublicUrl": public_url, "MediaHosts": public_url.removeprefix("http://")}
    return [{"ParameterKey": name, "ParameterValue": value}
            for name, value in chosen.items() if name in template.get("Parameters", {})]


def create_stack(emulator: Emulator, template_url: str, given: list[dict]) -> dict[str, str]:
    """Create the stack and wait for it; its outputs. A failure names the resource that could not be made and why."""
    cloudformation = emulator.client("cloudformation")
    try:
        cloudformation.create_stack(
            StackName=STACK, TemplateURL=template_url, Parameters=given, OnFailure="DO_NOTHING",
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"])
        deadline = time.monotonic() + DEPLOY_SECONDS
        while (stack := cloudformation.describe_stacks(StackName=STACK)["Stacks"][0])["StackStatus"] \
                == "CREATE_IN_PROGRESS":
            if time.monotonic() > deadline:
                raise Failure(f"The stack was not ready within {DEPLOY_SECONDS} s; {emulator.log} may say why.")
            time.sleep(0.3)
        if stack["StackStatus"] != "CREATE_COMPLETE":
            raise Failure("The stack could not be created: " + reason(cloudformation, stack))
    except ClientError as error:
        raise Failure(f"The emulator refused the template: {error.response['Error']['Message']}") from None
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def reason(cloudformation, stack: dict) -> str:
    """Why the stack failed: its first failed resource, else its own words."""
    events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
    for event in reversed(events):
        if event["ResourceStatus"].endswith("_FAILED") and event.get("ResourceStatusReason"):
            return f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
    return stack.get("StackStatusReason", stack["StackStatus"])


def api_client(emulator: Emulator, outputs: dict[str, str], output: str) -> dict:
    """How a client of the API signs in."""
    client = emulator.client("cognito-idp").describe_user_pool_client(
        UserPoolId=outputs["UserPoolId"], ClientId=outputs[output])["UserPoolClient"]
    return {
        "token_url": f"{emulator.url}/oauth2/token",
        "client_id": outputs[output],
        "client_secret": client.get("ClientSecret", ""),
        "scopes": client["AllowedOAuthScopes"],
    }


def description(emulator: Emulator, handset: str, outputs: dict[str, str]) -> dict:
    """What target/local.json holds: every address and credential that a person or a test needs."""
    missing = {"ApiId", "UserPoolId", "ClientId", "PrintClientId", "AuditClientId", "WebhookSecretArn", "TwilioSecretArn"} - outputs.keys()
    if missing:
        raise Failure(f"The template lacks the outputs {', '.join(sorted(missing))}, which the local run needs.")
    # The path form: names below .localhost resolve in browsers only.
    api = f"{emulator.url}/_aws/execute-api/{outputs['ApiId']}/$default"
    secrets = emulator.client("secretsmanager")
    secret, twilio = (secrets.get_secret_value(SecretId=outputs[name])["SecretString"]
                      for name in ("WebhookSecretArn", "TwilioSecretArn"))
    port = emulator.url.rpartition(":")[2]
    return {
        "api": api,
        "api_host": f"http://{outputs['ApiId']}.execute-api.localhost:{port}",
        "handset": handset,
        "emulator": emulator.url,
        "region": REGION,
        "stack": STACK,
        "office_client": api_client(emulator, outputs, "ClientId"),
        "print_client": api_client(emulator, outputs, "PrintClientId"),
        "audit_client": api_client(emulator, outputs, "AuditClientId"),
        "webhook": {"url": f"{api}/webhooks/replies/standard", "secret": f"whsec_{secret}", "twilio_token": twilio},
        "outputs": outputs,
    }


def deploy(emulator: Emulator, root: Path, handset: str) -> dict:
    """Everything from the template to a running stack; what `description` tells about it."""
    template = bundle.parsed(root / "infra" / "template.yaml")
    store_settings(emulator, template, root / "infra" / "settings.json")
    given = parameters(template, handset)
    url = bundle.uploaded(template, emulator.client("s3"), root / "target" / "debug", root / "target" / "local" / "zip")
    return description(emulator, handset, create_stack(emulator, url, given))
