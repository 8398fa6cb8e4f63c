"""Fills one account of the emulator with a scenario and prints what is true of it.

usage: fill.py ENDPOINT SCENARIO ACCOUNT

Prints one JSON object: the account, credentials of it, its buckets with their regions (which the
emulator's list of buckets leaves out), and the truth: every finding that a scan
with `--latent` must have (rule, id, account, region, status). The status `silent-or-latent` is for
grants that a bound or a Deny cancels: they may be named as latent and never as open.
"""

import itertools
import json
import sys

import balancers
import world
from world import BLOCK_ALL, BUCKETS, DATABASES, INSTANCES, SERVICES, World

REGIONS = ["us-east-1", "eu-west-1", "ap-southeast-2"]


def fleet(made):
    """200 buckets and 100 instances in three regions, one database of each kind.

    Most buckets are as AWS makes them today; one of four is of the special kinds in turn.
    """
    special = itertools.cycle([kind for kind in BUCKETS if kind != "modern"])
    regions = itertools.cycle(REGIONS)
    made.buckets(
        [
            (next(special) if number % 4 == 0 else "modern", f"fleet-{number:03}", next(regions))
            for number in range(200)
        ]
    )
    networks = [made.network(region) for region in REGIONS]
    left = 100
    places = [(network, kind) for network in networks for kind in INSTANCES]
    for number, (network, kind) in enumerate(places):
        count = left // (len(places) - number)
        left -= count
        made.instances(network, kind, count)
    for network in networks:
        made.idle_group(network)
    for number, kind in enumerate(DATABASES):
        made.database(networks[number % len(networks)], kind, f"fleet-db-{kind}")


def company(made):
    """One of everything in one region."""
    made.buckets([(kind, f"company-{kind}", "us-east-1") for kind in BUCKETS])
    network = made.network("us-east-1")
    for kind in INSTANCES:
        made.instances(network, kind)
    made.idle_group(network)
    for kind in DATABASES:
        made.database(network, kind, f"company-db-{kind}")


def branch(made):
    """A small account in two regions, for scans of several accounts."""
    for region in ("eu-west-1", "eu-central-1"):
        made.bucket("policy-read", f"branch-{made.account}-{region}", region)
        made.bucket("modern", f"branch-private-{made.account}-{region}", region)
        made.instances(made.network(region), "ssh")


def shut(made):
    """The account's own block shuts every way in; public grants are all there."""
    made.account_block(BLOCK_ALL)
    for kind, (_, status) in BUCKETS.items():
        shut_now = "latent" if status == "exposed" else status
        made.bucket(kind, f"shut-{kind}", "us-east-1", shut_now)


def nothing(made):
    """What every account has from the start: default VPCs."""


def private(made):
    """Nothing to find, and something of every service."""
    made.bucket("modern", f"private-{made.account}")
    network = made.network("us-east-1")
    made.instances(network, "office")
    made.database(network, "private", "private-db")


def bare(made):
    """Nothing exposed, and nothing that spares a question: no bucket is shut by a block."""
    made.bucket("bare", f"bare-{made.account}")
    network = made.network("us-east-1")
    made.instances(network, "office")
    made.database(network, "private", "bare-db")


def small(made):
    """One thing exposed in each service, one private beside it."""
    made.bucket("policy-read", f"small-public-{made.account}")
    made.bucket("modern", f"small-private-{made.account}")
    network = made.network("us-east-1")
    made.instances(network, "ssh")
    made.instances(network, "office")
    made.database(network, "open", "small-db")


def optional(made):
    """What makes a scan ask for more than the plain reads: lists of prefixes."""
    small(made)
    network = made.network("us-east-1")
    ec2 = made.client("ec2", "us-east-1")
    prefixes = ec2.create_managed_prefix_list(
        PrefixListName="everyone",
        MaxEntries=2,
        AddressFamily="IPv4",
        Entries=[{"Cidr": "0.0.0.0/1"}, {"Cidr": "128.0.0.0/1"}],
    )["PrefixList"]["PrefixListId"]
    rule = {
        "IpProtocol": "tcp",
        "FromPort": 22,
        "ToPort": 22,
        "PrefixListIds": [{"PrefixListId": prefixes}],
    }
    world.INSTANCES["listed"] = (
        [rule],
        "public",
        True,
        "ec2-port-public-admin",
        "exposed",
    )
    made.instances(network, "listed")
    made.bucket("acl-read", f"optional-acl-{made.account}")
    made.client("s3", "us-east-1").put_object(
        Bucket=f"optional-acl-{made.account}", Key="file", Body=b"text"
    )
    made.bucket("website", f"optional-website-{made.account}")


def files(made):
    """Private buckets, one of which holds a file that anyone may read."""
    for name in ("files", "plain"):
        bucket = f"{name}-{made.account}"
        made.bucket("bare", bucket)
        s3 = made.client("s3", "us-east-1")
        for folder in ("2024", "2025"):
            for number in range(20):
                s3.put_object(Bucket=bucket, Key=f"{folder}/{number:03}.txt", Body=b"text")
        s3.put_object(Bucket=bucket, Key="notes.txt", Body=b"text")
    s3.put_object_acl(Bucket=f"files-{made.account}", Key="2025/007.txt", ACL="public-read")


def balanced(made):
    """Load balancers of all types before private machines, in two VPCs of which one has a gateway."""
    balancers.everything(made, "us-east-1")


def services(made):
    """One thing of every kind of managed service, and nothing else."""
    network = made.network("us-east-1")
    for kind in SERVICES:
        made.service(network, kind)
    caches = made.client("elasticache", "us-east-1")
    # The emulator keeps neither the groups nor the ports of caches.
    caches.create_cache_cluster(
        CacheClusterId="cache", Engine="redis", CacheNodeType="cache.t3.micro", NumCacheNodes=1
    )


SCENARIOS = {
    scenario.__name__: scenario
    for scenario in (
        fleet, company, branch, shut, nothing, private, bare, small, optional, files, balanced, services
    )
}


def main():
    endpoint, scenario, account = sys.argv[1:]
    made = World(endpoint, account)
    SCENARIOS[scenario](made)
    result = {"account": account, **made.credentials}
    print(json.dumps({**result, "buckets": made.regions_of_buckets, "truth": made.truth}))


if __name__ == "__main__":
    main()
