"""Reads a report as a program in Python would: `consumers.py asff|csv|junit|workflow FILE`.

Prints what it saw, as JSON; whatever the consumer would refuse is an error on stderr.
"""

import csv
import json
import re
import sys
import xml.etree.ElementTree

import botocore.serialize
import botocore.session
import botocore.validate
import yaml

# What the service takes in a call and in a finding (Security Hub, API reference,
# BatchImportFindings).
MOST_IN_CALL = 100
MOST_BYTES = 240 * 1024


def asff(path):
    """Batches for BatchImportFindings, by the request model of the service."""
    model = botocore.session.Session().get_service_model("securityhub")
    operation = model.operation_model("BatchImportFindings")
    serializer = botocore.serialize.create_serializer(model.protocol)
    ids = []
    for line in open(path, encoding="utf-8"):
        batch = json.loads(line)
        request = {"Findings": batch}
        report = botocore.validate.ParamValidator().validate(request, operation.input_shape)
        errors = [report.generate_report()] if report.has_errors() else []
        # What botocore leaves to the service.
        errors += beyond(request, operation.input_shape, "")
        if len(batch) > MOST_IN_CALL:
            errors.append(f"{len(batch)} findings in a call")
        places = {(f["AwsAccountId"], f["ProductArn"], f["Resources"][0]["Region"]) for f in batch}
        if len(places) != 1:
            errors.append(f"findings of several places in a call: {places}")
        big = [f["Id"] for f in batch if len(json.dumps(f).encode()) > MOST_BYTES]
        errors += [f"{finding} is too big" for finding in big]
        if errors:
            sys.exit("\n".join(errors))
        sent = json.loads(serializer.serialize_to_request(request, operation)["body"])
        ids += [finding["Id"] for finding in sent["Findings"]]
    if len(ids) != len(set(ids)):
        sys.exit("two findings of one id")
    return ids


def beyond(value, shape, at):
    """Enumerations, expressions and lengths of the model, all the way down."""
    errors = []
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if name in value:
                errors += beyond(value[name], member, f"{at}.{name}")
    elif shape.type_name == "list":
        most = shape.metadata.get("max")
        if most is not None and len(value) > most:
            errors.append(f"{at}: {len(value)} entries, and {most} are the most")
        for n, entry in enumerate(value):
            errors += beyond(entry, shape.member, f"{at}[{n}]")
    elif shape.type_name == "map":
        for key, entry in value.items():
            errors += beyond(key, shape.key, f"{at} key") + beyond(entry, shape.value, f"{at}.{key}")
    elif shape.type_name == "string":
        if getattr(shape, "enum", None) and value not in shape.enum:
            errors.append(f"{at}: {value!r} is none of {shape.enum}")
        pattern = shape.metadata.get("pattern")
        if pattern and not re.search(pattern, value):
            errors.append(f"{at}: {value!r} is not of the form {pattern}")
        most = shape.metadata.get("max")
        if most is not None and len(value) > most:
            errors.append(f"{at}: {len(value)} characters, and {most} are the most")
    return errors


def rows(path):
    """A spreadsheet, row by row; a cell that would be a formula is an error."""
    with open(path, encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file, strict=True))
    for row in read:
        for name, cell in row.items():
            if cell is None or name is None:
                sys.exit(f"a row of another width: {row}")
            # What Excel, LibreOffice and Google's sheets take for the start of a formula.
            if re.match(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]", cell):
                sys.exit(f"{name} would be a formula: {cell!r}")
    return [row["fingerprint"] for row in read if row["status"] != "not-seen"]


def junit(path):
    """Tests, by expat."""
    root = xml.etree.ElementTree.parse(path).getroot()
    return [case.attrib["name"] for case in root.iter("testcase")]


def workflow(path):
    """A workflow of GitHub, by a parser of YAML: the names of its jobs' steps."""
    with open(path, encoding="utf-8") as file:
        read = yaml.safe_load(file)
    # YAML 1.1 reads `on` as true.
    if not {"name", True, "permissions", "jobs"} <= set(read):
        sys.exit(f"keys {list(read)}")
    steps = [step for job in read["jobs"].values() for step in job["steps"]]
    wrong = [step for step in steps if ("uses" in step) == ("run" in step)]
    if wrong:
        sys.exit(f"steps that neither use nor run, or both: {wrong}")
    return [step.get("uses") or step.get("name") or step["run"] for step in steps]


if __name__ == "__main__":
    print(json.dumps({"asff": asff, "csv": rows, "junit": junit, "workflow": workflow}[sys.argv[1]](sys.argv[2])))
