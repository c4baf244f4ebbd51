"""Serves S3 by moto, with one bucket, its 1,200 objects and one user, until stdin ends.

Prints a line of JSON: the endpoint and the user's key. From then on a request
with another key, or a wrong signature, is refused.
"""

import json
import logging
import sys

import boto3
import requests
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer

logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
endpoint = f"http://{host}:{port}"

root = {
    "endpoint_url": endpoint,
    "region_name": "us-east-1",
    "aws_access_key_id": "root",
    "aws_secret_access_key": "root",
}
boto3.client("s3", **root).create_bucket(Bucket="rows")
backend = s3_backends["123456789012"]["aws"]
row = b'{"messages": [{"role": "user", "content": "hello"}]}\n'
for number in range(1200):
    backend.put_object("rows", f"many/{number:04}.jsonl", row)
iam = boto3.client("iam", **root)
iam.create_user(UserName="trainer")
statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
iam.put_user_policy(UserName="trainer", PolicyName="s3", PolicyDocument=policy)
key = iam.create_access_key(UserName="trainer")["AccessKey"]
requests.post(f"{endpoint}/moto-api/reset-auth", data="0", timeout=10)

print(json.dumps({"endpoint": endpoint, "id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}))
sys.stdout.flush()
sys.stdin.read()
server.stop()
