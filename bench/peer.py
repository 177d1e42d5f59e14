#!/usr/bin/env python3
"""The plainest way to do what a Maskstream worker does: OpenCV, ONNX Runtime and a Kafka client in a loop.

`./maskstream bench --scenario streams --peer python3` runs it beside the worker. It needs
`pip install opencv-python-headless onnxruntime confluent-kafka zstandard numpy`.

It has no memory of a camera, no mailboxes and no account of frames: it takes what comes in the order in which it comes,
and leaves out frames that are older than --max-age. Its masks go to the topic PREFIX.peer-masks with the headers of
their frames.
"""

import argparse
import time

import cv2
import numpy
import onnxruntime
import zstandard
from confluent_kafka import Consumer, Producer, TopicPartition


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--prefix", default="maskstream")
    parser.add_argument("--model", required=True, help="ONNX file of a bundle")
    parser.add_argument("--threads", type=int, default=2, help="threads of a pass")
    parser.add_argument("--max-age", type=float, default=0.5, help="seconds; older frames are left out")
    return parser.parse_args()


def session(options):
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    return onnxruntime.InferenceSession(options.model, settings, providers=["CPUExecutionProvider"])


def cold(model):
    """A prior of zeros: the model without memory."""
    shapes = {tensor.name: tensor.shape for tensor in model.get_inputs()}
    return {
        name: numpy.zeros([1] + shapes[name][1:], numpy.float32) for name in ("prior", "trust")
    }


def main():
    options = arguments()
    model = session(options)
    memory = cold(model)
    compressor = zstandard.ZstdCompressor(level=1)
    producer = Producer({"bootstrap.servers": options.bootstrap, "linger.ms": 2})
    consumer = Consumer(
        {
            "bootstrap.servers": options.bootstrap,
            "group.id": "peer",
            "auto.offset.reset": "latest",
            "enable.auto.commit": False,
        }
    )
    frames = options.prefix + ".frames"
    metadata = consumer.list_topics(frames, timeout=20).topics[frames]
    consumer.assign([TopicPartition(frames, partition, -1) for partition in metadata.partitions])
    print("ready", flush=True)
    while True:
        record = consumer.poll(1.0)
        if record is None or record.error():
            continue
        headers = dict(record.headers())
        if time.time() - int(headers["capture-micros"]) / 1e6 > options.max_age:
            continue
        picture = cv2.imdecode(numpy.frombuffer(record.value(), numpy.uint8), cv2.IMREAD_COLOR)
        image = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)[None]
        labels = model.run(["labels"], {"image": image, **memory})[0][0]
        producer.produce(
            options.prefix + ".peer-masks",
            compressor.compress(labels.tobytes()),
            record.key(),
            headers=record.headers(),
        )
        producer.poll(0)


if __name__ == "__main__":
    main()
