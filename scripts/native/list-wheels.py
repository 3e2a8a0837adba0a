"""python list-wheels.py <requirement>: the wheel that pip would take for it, and those of its and-cuda extra, as a line of
JSON after "WHEELS". Nothing is downloaded but their descriptions: pip's own dry run would fetch gigabytes."""

import json
import sys
from email.parser import Parser

from pip._internal.commands.download import DownloadCommand
from pip._internal.network.lazy_wheel import dist_from_wheel_url
from pip._vendor.packaging.requirements import Requirement

command = DownloadCommand("download", "")
options, _ = command.parse_args(["--no-deps", "--only-binary=:all:", "any"])


def describe(finder, session, text):
    requirement = Requirement(text)
    found = finder.find_best_candidate(requirement.name, requirement.specifier).best_candidate
    if found is None:
        raise SystemExit(f"error: no wheel for {text}")
    link = found.link
    head = session.head(
        link.url_without_fragment, allow_redirects=True, headers={"Accept-Encoding": "identity"}
    )
    size = int(head.headers.get("Content-Length") or 0)
    wheel = {"file": link.filename, "url": link.url_without_fragment, "bytes": size}
    if link.hash_name == "sha256":
        wheel["sha256"] = link.hash
    return wheel, link


def description_of(session, name, link):
    described = link.metadata_link()
    if described is not None:
        return Parser().parsestr(session.get(described.url).text)
    # Not every index gives descriptions: then the few bytes of the wheel that hold its own.
    return dist_from_wheel_url(name, link.url_without_fragment, session).metadata


def cuda_requirements(session, name, link):
    lines = description_of(session, name, link).get_all("Requires-Dist") or []
    asked = (Requirement(line) for line in lines if "and-cuda" in line)
    return [f"{one.name}{one.specifier}" for one in asked if one.name.startswith("nvidia-")]


with command.main_context():
    session = command.get_default_session(options)
    finder = command._build_package_finder(options=options, session=session)
    first, link = describe(finder, session, sys.argv[1])
    others = [describe(finder, session, one)[0] for one in cuda_requirements(session, Requirement(sys.argv[1]).name, link)]
    print("WHEELS " + json.dumps([first, *others]), flush=True)
