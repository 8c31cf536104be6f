#!/usr/bin/env python3
"""Writes an export as Meta's, for benchmarks: make_export.py SHAPE COMPANIES EVENTS > FILE

SHAPE is v2 (an object, to 2025), labels (a list with labels, 2026), instagram, or html (one page with every business).
2,000 companies with 3,000,000 events make 350 MB of v2. Nothing in it is anybody's.
"""
import random
import sys
import time

TYPES = ["PAGE_VIEW", "VIEW_CONTENT", "ADD_TO_CART", "PURCHASE", "SEARCH", "CUSTOM", "LEAD", "ACTIVATE_APP"]
LABELS = ["Page view", "View content", "Add to cart", "Purchase", "Search", "Custom", "Lead", "Activate app"]
NEWEST = 1_764_000_000


def events_of(random_numbers, number):
    moment = NEWEST - random_numbers.randrange(86_400)
    account = random_numbers.randrange(10**14, 10**15)
    for _ in range(number):
        moment -= random_numbers.randrange(1, 80_000)
        yield account, random_numbers.randrange(len(TYPES)), moment


def v2(write, companies, key="off_facebook_activity_v2"):
    write('{\n  "%s": [' % key)
    for index, (name, events) in enumerate(companies):
        write('%s\n    {\n      "name": "%s",\n      "events": [' % ("," if index else "", name))
        write(",".join('\n        {\n          "id": %d,\n          "type": "%s",\n          "timestamp": %d\n        }'
                       % (account, TYPES[kind], moment) for account, kind, moment in events))
        write("\n      ]\n    }")
    write("\n  ]\n}\n")


def labels(write, companies):
    write("[")
    for index, (name, events) in enumerate(companies):
        write('%s\n {"title": "%s", "fbid": "%d", "media": [], "label_values": [{"label": "Events", "vec": ['
              % ("," if index else "", name, index))
        write(",\n".join('  {"dict": [{"label": "ID", "value": "%d"}, {"label": "Event", "value": "%s"}, '
                         '{"label": "Received on", "timestamp_value": %d}]}' % (account, LABELS[kind], moment)
                         for account, kind, moment in events))
        write("]}]}")
    write("]\n")


def html(write, companies):
    write('<!doctype html><html><head><meta charset="utf-8"></head><body>\n')
    for name, events in companies:
        write("<h2>%s</h2>\n" % name)
        for account, kind, moment in events:
            received = time.strftime("%b %d, %Y %I:%M:%S %p", time.gmtime(moment))
            write("<table><tr><td>ID</td><td>%d</td></tr><tr><td>Event</td><td>%s</td></tr><tr><td>Received on</td>"
                  "<td>%s</td></tr></table>\n" % (account, TYPES[kind], received))
    write("</body></html>\n")


def main():
    shapes = {"v2": v2, "labels": labels, "html": html,
              "instagram": lambda write, companies: v2(write, companies, "apps_and_websites_off_meta_activity")}
    if len(sys.argv) != 4 or sys.argv[1] not in shapes:
        sys.exit(__doc__)
    shape, companies, events = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    random_numbers = random.Random(8)
    shapes[shape](sys.stdout.write, ((f"shop{number}.example", events_of(random_numbers, events // companies))
                                     for number in range(companies)))


if __name__ == "__main__":
    main()
