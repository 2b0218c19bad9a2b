"""Plays requests to the SQS of moto, an independent implementation, and prints what
comes of them, a line of JSON each. Its clock stands still but for `advance`.

With the argument `check` it only tells whether it can run here.
"""

import json
import os
import sys

try:
    import boto3
    import moto.sqs.models
    from moto import mock_aws
except ImportError as missing:
    print(f"python3 has no {missing.name}", file=sys.stderr)
    sys.exit(3)

if sys.argv[1:] == ["check"]:
    sys.exit(0)

now = 1_700_000_000_000  # milliseconds
moto.sqs.models.unix_time_millis = lambda dt=None: float(now)
moto.sqs.models.unix_time = lambda dt=None: now / 1000
for name in "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY":
    os.environ[name] = "testing"


class Queues:
    """One queue and its dead-letter queue, made anew for each sequence."""

    made = 0

    def __init__(self, sqs, o):
        Queues.made += 1
        self.sqs, self.handles = sqs, {}
        suffix = ".fifo" if o["fifo"] else ""
        attributes = {"VisibilityTimeout": str(o["visibility"]), "DelaySeconds": str(o["delay"])}
        if o["fifo"]:
            attributes["FifoQueue"] = "true"
        self.dead = sqs.create_queue(
            QueueName=f"dead-{Queues.made}{suffix}", Attributes={**attributes, "DelaySeconds": "0"}
        )["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=self.dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        if o["max"]:
            attributes["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": o["max"]})
        self.url = sqs.create_queue(QueueName=f"tasks-{Queues.made}{suffix}", Attributes=attributes)["QueueUrl"]
        self.fifo = o["fifo"]

    def send(self, o):
        more = {"MessageGroupId": o["group"], "MessageDeduplicationId": o["dedup"]} if self.fifo else {}
        self.sqs.send_message(QueueUrl=self.url, MessageBody=str(o["id"]), **more)

    def receive(self, o):
        url = self.dead if o["dead"] else self.url
        got = self.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=o["most"], AttributeNames=["ApproximateReceiveCount"], WaitTimeSeconds=0
        ).get("Messages", [])
        names = [f'{m["Body"]}.{m["Attributes"]["ApproximateReceiveCount"]}' for m in got]
        for name, m in zip(names, got):
            self.handles[name] = url, m["ReceiptHandle"]
        return names

    def delete(self, o):
        url, handle = self.handles[o["handle"]]
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)

    def change(self, o):
        url, handle = self.handles[o["handle"]]
        self.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=o["timeout"])

    def advance(self, o):
        global now
        now += o["milliseconds"]

    def depth(self, o):
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"]
        a = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
        return [a[n] for n in names]


with mock_aws():
    sqs = boto3.client("sqs", region_name="us-east-1")
    queues = None
    for line in sys.stdin:
        o = json.loads(line)
        if o["op"] == "new":
            queues = Queues(sqs, o)
            continue
        try:
            print(json.dumps(getattr(queues, o["op"])(o) or []))
        except KeyError as unknown:  # it has not received what ksim has
            print(json.dumps([f"no handle {unknown}"]))
