"""Writes the graphs of this folder: tiny segmentation networks with fixed random weights, exported by PyTorch.

    pip install torch onnx onnxscript && python export.py
"""

import torch
import torch.nn.functional as F
from torch import nn

CLASSES, DEPTH, HEIGHT, WIDTH = 5, 6, 32, 48


class Features(nn.Sequential):
    """[B, 3, H, W] to [B, D, H / 4, W / 4]."""

    def __init__(self):
        super().__init__(
            nn.Conv2d(3, 4, 3, 2, 1), nn.BatchNorm2d(4), nn.ReLU6(), nn.Conv2d(4, DEPTH, 3, 2, 1), nn.ReLU())


class Network(nn.Module):
    """Features, a last layer, and what an exporter finds behind it."""

    def __init__(self, last=None, after=lambda x: x, before=lambda x: x):
        super().__init__()
        self.features = Features()
        self.last = last or nn.Conv2d(DEPTH, CLASSES, 1)
        self.after, self.before = after, before

    def forward(self, x):
        return self.after(self.last(self.features(self.before(x))))


class Tokens(nn.Module):
    """A matrix product over tokens with a batch of one written into its shapes, as in vision transformers."""

    def __init__(self):
        super().__init__()
        self.features, self.norm = Features(), nn.LayerNorm(DEPTH)
        self.mix, self.last = nn.Linear(DEPTH, DEPTH), nn.Linear(DEPTH, CLASSES)

    def forward(self, x):
        f = self.features(x).reshape(1, DEPTH, -1).transpose(1, 2)
        f = f + self.mix(self.norm(f)).softmax(1)
        return self.last(f).transpose(1, 2).reshape(1, CLASSES, HEIGHT // 4, WIDTH // 4)


class Sum(nn.Module):
    """Two last layers whose scores are added, as in LR-ASPP."""

    def __init__(self):
        super().__init__()
        self.features, self.deep = Features(), nn.Conv2d(DEPTH, 8, 3, 2, 1)
        self.low, self.high = nn.Conv2d(DEPTH, CLASSES, 1), nn.Conv2d(8, CLASSES, 1)

    def forward(self, x):
        f = self.features(x)
        d = F.interpolate(self.deep(f).relu(), f.shape[2:], mode="bilinear", align_corners=False)
        return F.interpolate(self.low(f) + self.high(d), x.shape[2:], mode="bilinear", align_corners=False)


class Queries(nn.Module):
    """Masks of queries and their classes, as in MaskFormer."""

    def __init__(self):
        super().__init__()
        self.features, self.queries = Features(), nn.Parameter(torch.randn(7, DEPTH))
        self.classes = nn.Linear(DEPTH, CLASSES + 1)

    def forward(self, x):
        f = self.features(x)
        q = self.queries[None] + f.mean((2, 3))[:, None]
        return self.classes(q), torch.einsum("bqd,bdhw->bqhw", q, f)


class Counted(nn.Module):
    """A batch that cannot be another: it is written into a concatenation."""

    def __init__(self):
        super().__init__()
        self.features, self.last = Features(), nn.Conv2d(DEPTH + 2, CLASSES, 1)
        y, x = torch.meshgrid(torch.linspace(0, 1, HEIGHT // 4), torch.linspace(0, 1, WIDTH // 4), indexing="ij")
        self.register_buffer("places", torch.stack([y, x])[None])

    def forward(self, x):
        return self.last(torch.cat([self.features(x), self.places], 1))


def resized(x):
    return F.interpolate(x, scale_factor=4, mode="bilinear", align_corners=False)


def normalized(x):
    return (x.permute(0, 3, 1, 2).float() / 255 - 0.45) / 0.22


def picture():
    coarse = torch.rand(2, 3, 4, 6, generator=torch.Generator().manual_seed(3))
    return F.interpolate(coarse, (HEIGHT, WIDTH), mode="bicubic")


def export(name, network, x=None, free=True, size=False, outputs=("scores",), opset=17):
    x = picture() if x is None else x
    if not free:
        x = x[:1]
    axes = {0: "batch"} if free else {}
    sides = {2: "height", 3: "width"} if size else {}
    dynamic = {"picture": {**axes, **sides}, **{o: {**axes, **sides} for o in outputs}} if free or size else None
    torch.onnx.export(network.eval(), (x,), f"{name}.onnx", input_names=["picture"], output_names=list(outputs),
                      dynamic_axes=dynamic, opset_version=opset, dynamo=False)


def seeded(make):
    torch.manual_seed(7)
    network = make()
    for m in network.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.running_mean.normal_(0, 0.1)
            m.running_var.uniform_(0.5, 1.5)
    return network


def main():
    export("conv", seeded(Network), size=True)
    for opset in (9, 10, 11, 13, 18, 20):
        export(f"resized-opset{opset}", seeded(lambda: Network(after=resized)), opset=opset)
    export("corners", seeded(lambda: Network(after=lambda x: F.interpolate(
        x, (HEIGHT, WIDTH), mode="bilinear", align_corners=True))), opset=12)
    export("argmax", seeded(lambda: Network(after=lambda x: resized(x).argmax(1))), outputs=("labels",), opset=12)
    export("softmax", seeded(lambda: Network(after=lambda x: x.softmax(1))), opset=11)
    export("threshold", seeded(lambda: Network(after=lambda x: (resized(x)[:, 2] > resized(x)[:, 2].mean((1, 2), keepdim=True)).long())), outputs=("labels",))
    export("binary", seeded(lambda: Network(last=nn.Conv2d(DEPTH, 1, 1), after=lambda x: torch.sigmoid(x - x.mean((2, 3), keepdim=True)))))
    export("three-by-three", seeded(lambda: Network(last=nn.Conv2d(DEPTH, CLASSES, 3, 1, 1))))
    export("bytes-nhwc", seeded(lambda: Network(before=normalized, after=lambda x: x.permute(0, 2, 3, 1))),
           x=(picture() * 255).clamp(0, 255).permute(0, 2, 3, 1).to(torch.uint8))
    export("half", seeded(lambda: Network(after=resized)).half(), x=picture().half())
    export("tokens", seeded(Tokens), free=False)
    export("sum", seeded(Sum), opset=13)
    export("queries", seeded(Queries), outputs=("classes", "masks"))
    export("fixed-batch", seeded(Counted), free=False)
    export("classifier", seeded(lambda: nn.Sequential(Features(), nn.AdaptiveAvgPool2d(1), nn.Flatten())))
    program = torch.onnx.export(seeded(Network).eval(), (picture()[:1],), input_names=["picture"],
                                output_names=["scores"], opset_version=18, dynamo=True)
    for node in program.model.graph:
        node.metadata_props.clear()  # traces of the source files
    program.save("dynamo.onnx", external_data=True)


main()
