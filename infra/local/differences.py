"""Where the emulator's CloudFormation differs from AWS's, and what its copy of the template says instead."""

import string

NUMBER, SECRET = "Number", "AWS::SecretsManager::Secret"
LEFT_OUT = {
    "AWS::S3::BucketPolicy",  # a bucket takes nothing over plain HTTP, and the emulator speaks nothing else
    "AWS::GuardDuty::MalwareProtectionPlan",  # not there; scanner.py stands in
}


def for_the_emulator(template: dict) -> dict:
    """A copy of the template that means to the emulator what the template means to AWS."""
    copy = template | {part: meant(template[part], template) for part in ("Resources", "Outputs") if part in template}
    if "Globals" in template:
        # Variables of Amazon Linux alone; functions run on this machine.
        of_all = {name: value for name, value in template["Globals"]["Function"].items() if name != "Environment"}
        copy["Globals"] = template["Globals"] | {"Function": of_all}
    copy["Resources"] = {name: resource for name, resource in copy["Resources"].items() if resource["Type"] not in LEFT_OUT}
    for name, resource in copy["Resources"].items():
        generated = resource.get("Properties", {}).get("GenerateSecretString", {})
        if resource["Type"] == SECRET and generated.get("ExcludePunctuation"):
            # Overlooked there; the characters themselves are not.
            generated["ExcludeCharacters"] = string.punctuation
    return copy


def meant(part, template: dict):
    """The part with every `Ref` that the emulator resolves otherwise than AWS replaced by what AWS would make of it."""
    if isinstance(part, list):
        return [meant(item, template) for item in part]
    if not isinstance(part, dict):
        return part
    if part.keys() == {"Ref"}:
        name = part["Ref"]
        declared = template.get("Parameters", {}).get(name, {})
        if declared.get("Type") == NUMBER and "Default" in declared:
            return declared["Default"]  # handed on as text there, and then compared with numbers
        if template["Resources"].get(name, {}).get("Type") == SECRET:
            return {"Fn::GetAtt": [name, "Id"]}  # the name there, which no policy's ARN matches
    if part.get("Action") == "ses:SendEmail":
        part = part | {"Resource": "*"}  # asked for no identity and no configuration set there, so none would match
    return {key: meant(value, template) for key, value in part.items()}
