"""Writes the networks on which SSA-Seg and ProtoSeg were measured as ONNX graphs with fixed random weights.

    pip install torch torchvision transformers timm onnx
    python models/papers/networks.py --size 480x360 --out training/papers

Each graph takes pixels [1, 3, H, W] and gives the scores of ADE20K's 150 classes at the network's own stride, its last
layer being a 1x1 convolution. The metadata hold the parameters as PyTorch counts them (batch normalization included,
which the graph folds into convolutions).

Where a package defines a network, its definition is used. SegNeXt's, SeaFormer's and CGRSeg's are written here after
the papers; sizes that a paper leaves open are those of its authors' configuration files. Parameters, published and here:

    SegNeXt-T         4.3 M    4.26   Guo et al., NeurIPS 2022
    SeaFormer-B       8.6 M    8.61   Wan et al., ICLR 2023
    CGRSeg-B         18.1 M   19.11   Ni et al., ECCV 2024; backbone from timm
    FCN-ResNet-101   68.6 M   66.17   backbone from torchvision; published with an auxiliary head of 2.4 M, which only trains
    HRNetV2-W48      65.9 M   65.95   backbone from timm
    Swin-B UperNet    121 M  120.06   transformers; published with an auxiliary head of 1.3 M (ProtoSeg's 90.6 M has another decoder)
    SegFormer-B4     64.1 M   64.11   transformers
"""

import argparse
import functools
import pathlib

import onnx
import timm
import torch
import torch.nn.functional as F
import torchvision
import transformers
from torch import nn

CLASSES = 150
SEED = 1


def resized(x, like):
    return F.interpolate(x, size=like.shape[2:], mode="bilinear", align_corners=False)


def padded(length):
    """The next multiple of 32: what timm's networks that halve five times without a rest take."""
    return -(-length // 32) * 32


def pad(x):
    height, width = map(int, x.shape[2:])
    return F.pad(x, (0, padded(width) - width, 0, padded(height) - height))


def averages(length, parts):
    """The matrix of adaptive pooling along one axis, [parts, length]; ONNX has no operator for it."""
    matrix = torch.zeros(parts, length)
    for i in range(parts):
        first, end = i * length // parts, -(-(i + 1) * length // parts)
        matrix[i, first:end] = 1 / (end - first)
    return matrix


def pooled(x, rows, columns):
    return averages(int(x.shape[2]), rows) @ x @ averages(int(x.shape[3]), columns).T


def convolution(inputs, outputs, kernel=1, stride=1, groups=1, act=None, norm=nn.BatchNorm2d):
    """Convolution without bias, normalization, activation."""
    layers = [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), norm(outputs)]
    return nn.Sequential(*layers, *([act()] if act else []))


def group_norm(channels):
    return nn.GroupNorm(32, channels)


class HardSigmoid(nn.Module):
    def forward(self, x):
        return F.relu6(x + 3) / 6


# SegNeXt: Guo et al., "SegNeXt: Rethinking Convolutional Attention Design for Semantic Segmentation".


class MultiScaleAttention(nn.Module):
    """A 5x5 depth-wise filter and strips of 7, 11 and 21 behind it; their sum, mixed, weighs the input."""

    def __init__(self, channels):
        super().__init__()
        self.local = nn.Conv2d(channels, channels, 5, padding=2, groups=channels)
        self.strips = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(channels, channels, (1, n), padding=(0, n // 2), groups=channels),
                nn.Conv2d(channels, channels, (n, 1), padding=(n // 2, 0), groups=channels))
            for n in (7, 11, 21))
        self.mix = nn.Conv2d(channels, channels, 1)

    def forward(self, x):
        local = self.local(x)
        return x * self.mix(local + sum(strip(local) for strip in self.strips))


class ScanBlock(nn.Module):
    def __init__(self, channels, ratio):
        super().__init__()
        hidden = channels * ratio
        self.attention = nn.Sequential(
            nn.BatchNorm2d(channels), nn.Conv2d(channels, channels, 1), nn.GELU(), MultiScaleAttention(channels),
            nn.Conv2d(channels, channels, 1))
        # The inner shortcut skips the projections, not the normalization before them.
        self.perceptron = nn.Sequential(
            nn.BatchNorm2d(channels), nn.Conv2d(channels, hidden, 1),
            nn.Conv2d(hidden, hidden, 3, padding=1, groups=hidden), nn.GELU(), nn.Conv2d(hidden, channels, 1))
        self.scales = nn.ParameterList(nn.Parameter(torch.full((channels, 1, 1), 1e-2)) for _ in range(2))

    def forward(self, x):
        normal = self.attention[0](x)
        x = x + self.scales[0] * (normal + self.attention[1:](normal))
        return x + self.scales[1] * self.perceptron(x)


class ChannelNorm(nn.LayerNorm):
    """Layer normalization of [B, C, H, W] over C."""

    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Hamburger(nn.Module):
    """Global context as a non-negative factorization of rank 16, found in seven multiplicative updates."""

    def __init__(self, channels, rank=16, steps=7):
        super().__init__()
        self.before = nn.Conv2d(channels, channels, 1)
        self.after = convolution(channels, channels, norm=group_norm)
        self.register_buffer("bases", F.normalize(torch.rand(1, channels, rank), dim=1))
        self.steps = steps

    @staticmethod
    def update(x, left, right):
        """One update of `left` in x = left @ right^T."""
        return left * (x @ right) / (left @ (right.transpose(1, 2) @ right) + 1e-6)

    def forward(self, x):
        flat = F.relu(self.before(x)).flatten(2)  # [B, D, N]
        bases = self.bases  # [B, D, R]
        share = (flat.transpose(1, 2) @ bases).softmax(-1)  # [B, N, R]
        for _ in range(self.steps):
            share = self.update(flat.transpose(1, 2), share, bases)
            bases = self.update(flat, bases, share)
        share = self.update(flat.transpose(1, 2), share, bases)
        context = (bases @ share.transpose(1, 2)).reshape(x.shape)
        return F.relu(x + self.after(context))


class SegNeXt(nn.Module):
    def __init__(self, widths=(32, 64, 160, 256), depths=(3, 3, 5, 2), ratios=(8, 8, 4, 4), channels=256):
        super().__init__()
        stem = nn.Sequential(
            nn.Conv2d(3, widths[0] // 2, 3, 2, 1), nn.BatchNorm2d(widths[0] // 2), nn.GELU(),
            nn.Conv2d(widths[0] // 2, widths[0], 3, 2, 1), nn.BatchNorm2d(widths[0]))
        self.stages = nn.ModuleList()
        for i, width in enumerate(widths):
            start = stem if i == 0 else nn.Sequential(
                nn.Conv2d(widths[i - 1], width, 3, 2, 1), nn.BatchNorm2d(width))
            blocks = [ScanBlock(width, ratios[i]) for _ in range(depths[i])]
            self.stages.append(nn.Sequential(start, *blocks, ChannelNorm(width)))
        self.squeeze = convolution(sum(widths[1:]), channels, act=nn.ReLU, norm=group_norm)
        self.hamburger = Hamburger(channels)
        self.align = convolution(channels, channels, act=nn.ReLU, norm=group_norm)
        self.classifier = nn.Conv2d(channels, CLASSES, 1)

    def forward(self, x):
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        joined = torch.cat([resized(m, maps[1]) for m in maps[1:]], 1)
        return self.classifier(self.align(self.hamburger(self.squeeze(joined))))


# SeaFormer: Wan et al., "SeaFormer: Squeeze-enhanced Axial Transformer for Mobile Semantic Segmentation".


class InvertedResidual(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride, ratio):
        super().__init__()
        hidden = inputs * ratio
        wide = [convolution(inputs, hidden, act=nn.ReLU)] if ratio > 1 else []
        self.layers = nn.Sequential(
            *wide, convolution(hidden, hidden, kernel, stride, hidden, nn.ReLU), convolution(hidden, outputs))
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.layers(x) if self.adds else self.layers(x)


class AxialPosition(nn.Module):
    def __init__(self, channels, length=16):
        super().__init__()
        self.values = nn.Parameter(torch.randn(1, channels, length))

    def forward(self, x):
        return x + F.interpolate(self.values, size=x.shape[2], mode="linear", align_corners=False)


class SqueezedAttention(nn.Module):
    """Attention between the means of rows and between the means of columns, and a local branch that it gates."""

    def __init__(self, channels, key, heads, ratio=2):
        super().__init__()
        self.heads, self.scale = heads, key**-0.5
        keys, values = key * heads, key * heads * ratio
        self.query, self.key = convolution(channels, keys), convolution(channels, keys)
        self.value = convolution(channels, values)
        self.positions = nn.ModuleList(AxialPosition(keys) for _ in range(4))
        self.encode = nn.ModuleList(nn.Sequential(nn.ReLU6(), convolution(values, values)) for _ in range(2))
        self.project = nn.Sequential(nn.ReLU6(), convolution(values, channels), HardSigmoid())
        both = 2 * keys + values
        self.local = nn.Sequential(convolution(both, both, 3, 1, both, nn.ReLU6), convolution(both, channels))

    def along(self, axis, q, k, v):
        """Attention along rows (axis 0) or columns (axis 1)."""
        mean = 3 - axis
        q = self.positions[2 * axis](q.mean(mean)).unflatten(1, (self.heads, -1)).transpose(2, 3)
        k = self.positions[2 * axis + 1](k.mean(mean)).unflatten(1, (self.heads, -1))
        v = v.mean(mean).unflatten(1, (self.heads, -1)).transpose(2, 3)
        mixed = (q @ k * self.scale).softmax(-1) @ v  # [B, heads, length, D]
        return self.encode[axis](mixed.transpose(2, 3).flatten(1, 2).unsqueeze(mean))

    def forward(self, x):
        q, k, v = self.query(x), self.key(x), self.value(x)
        context = v + self.along(0, q, k, v) + self.along(1, q, k, v)
        return self.project(context) * self.local(torch.cat([q, k, v], 1))


class AxialBlock(nn.Module):
    def __init__(self, channels, key, heads, ratio):
        super().__init__()
        hidden = channels * ratio
        self.attention = SqueezedAttention(channels, key, heads)
        self.perceptron = nn.Sequential(
            convolution(channels, hidden), nn.Conv2d(hidden, hidden, 3, padding=1, groups=hidden), nn.ReLU6(),
            convolution(hidden, channels))

    def forward(self, x):
        x = x + self.attention(x)
        return x + self.perceptron(x)


class GatedFusion(nn.Module):
    """Detail weighed by context of a coarser map."""

    def __init__(self, detail, context, channels):
        super().__init__()
        self.detail = convolution(detail, channels)
        self.context = nn.Sequential(convolution(context, channels), HardSigmoid())

    def forward(self, detail, context):
        local = self.detail(detail)
        return local * resized(self.context(context), local)


class SeaFormer(nn.Module):
    # kernel, expansion, channels, stride
    STAGES = (
        ((3, 1, 16, 1), (3, 4, 32, 2), (3, 3, 32, 1)),
        ((5, 3, 64, 2), (5, 3, 64, 1)),
        ((3, 3, 128, 2), (3, 3, 128, 1)),
        ((5, 4, 192, 2),),
        ((3, 6, 256, 2),))

    def __init__(self, depth=4, keys=(16, 24), ratios=(2, 4), heads=8, widths=(128, 160)):
        super().__init__()
        width = 16
        self.stem = convolution(3, width, 3, 2, act=nn.ReLU)
        self.stages = nn.ModuleList()
        for i, stage in enumerate(self.STAGES):
            layers = []
            for kernel, ratio, outputs, stride in stage:
                layers.append(InvertedResidual(width, outputs, kernel, stride, ratio))
                width = outputs
            if i >= 3:
                layers += [AxialBlock(width, keys[i - 3], heads, ratios[i - 3]) for _ in range(depth)]
            self.stages.append(nn.Sequential(*layers))
        self.fuse = nn.ModuleList([GatedFusion(64, 192, widths[0]), GatedFusion(widths[0], 256, widths[1])])
        self.last = convolution(widths[1], widths[1], groups=widths[1], act=nn.ReLU)
        self.classifier = nn.Conv2d(widths[1], CLASSES, 1)

    def forward(self, x):
        x, maps = self.stem(x), []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return self.classifier(self.last(self.fuse[1](self.fuse[0](maps[1], maps[3]), maps[4])))


# CGRSeg: Ni et al., "Context-Guided Spatial Feature Reconstruction for Efficient Semantic Segmentation".


class RectangularBlock(nn.Module):
    """A depth-wise filter weighed by attention of rows plus columns, shaped by two strips; a perceptron."""

    def __init__(self, channels, strip=11, ratio=2):
        super().__init__()
        self.local = nn.Conv2d(channels, channels, 3, padding=1, groups=channels)
        self.shape = nn.Sequential(
            nn.Conv2d(channels, channels, (1, strip), padding=(0, strip // 2), groups=channels),
            nn.BatchNorm2d(channels), nn.ReLU(),
            nn.Conv2d(channels, channels, (strip, 1), padding=(strip // 2, 0), groups=channels), nn.Sigmoid())
        self.perceptron = nn.Sequential(
            nn.BatchNorm2d(channels), nn.Conv2d(channels, channels * ratio, 1), nn.GELU(),
            nn.Conv2d(channels * ratio, channels, 1))
        self.scale = nn.Parameter(torch.full((channels, 1, 1), 1e-6))

    def forward(self, x):
        weight = self.shape(x.mean(3, keepdim=True) + x.mean(2, keepdim=True))
        return x + self.scale * self.perceptron(weight * self.local(x))


class PrototypeGate(nn.Module):
    """Channel weights from the classes' centers, pooled by attention."""

    def __init__(self, channels):
        super().__init__()
        self.attention = nn.Conv2d(channels, 1, 1)
        self.weigh = nn.Sequential(
            nn.Conv2d(channels, channels, 1), nn.LayerNorm([channels, 1, 1]), nn.ReLU(),
            nn.Conv2d(channels, channels, 1), nn.Sigmoid())

    def forward(self, x, scores):
        centers = scores.flatten(2).softmax(2) @ x.flatten(2).transpose(1, 2)  # [B, K, D]
        centers = centers.transpose(1, 2).unsqueeze(3)  # [B, D, K, 1]
        share = self.attention(centers).softmax(2)  # [B, 1, K, 1]
        return x * self.weigh((centers * share).sum(2, keepdim=True)) + x


class CGRSeg(nn.Module):
    def __init__(self, height, width, channels=256, blocks=6):
        super().__init__()
        self.backbone = timm.create_model(
            "efficientformerv2_s2", features_only=True, out_indices=(1, 2, 3), pretrained=False,
            img_size=(padded(height), padded(width)))
        self.widths = self.backbone.feature_info.channels()
        self.context = nn.Sequential(*(RectangularBlock(sum(self.widths)) for _ in range(blocks)))
        self.fuse = nn.ModuleList(GatedFusion(width, width, channels) for width in self.widths)
        self.blocks = nn.ModuleList(RectangularBlock(width) for width in self.widths)
        self.down = nn.ModuleList(nn.Conv2d(channels, width, 1) for width in self.widths[:-1])
        self.last = convolution(channels, channels, groups=channels, act=nn.ReLU)
        self.gate = PrototypeGate(channels)
        self.classifier = nn.Conv2d(channels, CLASSES, 1)

    def forward(self, x):
        maps = self.backbone(pad(x))
        size = [(int(n) - 1) // 2 + 1 for n in maps[-1].shape[2:]]
        small = torch.cat([pooled(m, *size) for m in maps], 1)
        parts = self.context(small).split(self.widths, 1)
        above = None
        for i in reversed(range(len(maps))):
            local = maps[i] if above is None else maps[i] + self.down[i](resized(above, maps[i]))
            above = self.fuse[i](self.blocks[i](local), parts[i])
        return self.classifier(self.gate(above, self.classifier(self.last(above))))


# Networks of ProtoSeg's tables.


class Fcn(nn.Module):
    """Long et al., CVPR 2015, on a dilated ResNet-101, with the head of the code that both papers compare with."""

    def __init__(self, channels=512):
        super().__init__()
        net = torchvision.models.resnet101(weights=None, replace_stride_with_dilation=[False, True, True])
        self.backbone = nn.Sequential(*list(net.children())[:-2])
        self.head = nn.Sequential(
            convolution(2048, channels, 3, act=nn.ReLU), convolution(channels, channels, 3, act=nn.ReLU))
        self.joined = convolution(2048 + channels, channels, 3, act=nn.ReLU)
        self.classifier = nn.Conv2d(channels, CLASSES, 1)

    def forward(self, x):
        features = self.backbone(x)
        return self.classifier(self.joined(torch.cat([features, self.head(features)], 1)))


class HrNet(nn.Module):
    """Wang et al., TPAMI 2020: the four branches of HRNetV2-W48 side by side."""

    def __init__(self):
        super().__init__()
        self.backbone = timm.create_model(
            "hrnet_w48", features_only=True, feature_location="", out_indices=(1, 2, 3, 4), pretrained=False)
        channels = sum(self.backbone.feature_info.channels())
        self.mix = convolution(channels, channels, act=nn.ReLU)
        self.classifier = nn.Conv2d(channels, CLASSES, 1)

    def forward(self, x):
        maps = self.backbone(pad(x))
        return self.classifier(self.mix(torch.cat([resized(m, maps[0]) for m in maps], 1)))


class UperNetSwin(nn.Module):
    """Xiao et al., ECCV 2018, on Swin-B: Liu et al., ICCV 2021."""

    def __init__(self):
        super().__init__()
        swin = transformers.SwinConfig(
            embed_dim=128, depths=[2, 2, 18, 2], num_heads=[4, 8, 16, 32], window_size=7,
            out_features=["stage1", "stage2", "stage3", "stage4"])
        self.model = transformers.UperNetForSemanticSegmentation(transformers.UperNetConfig(
            backbone_config=swin, hidden_size=512, num_labels=CLASSES, use_auxiliary_head=False))
        for module in self.model.modules():
            if isinstance(module, nn.AdaptiveAvgPool2d):
                module.forward = functools.partial(pooled, rows=module.output_size, columns=module.output_size)

    def forward(self, x):
        return self.model.decode_head(self.model.backbone(x).feature_maps)


class SegFormer(nn.Module):
    """Xie et al., NeurIPS 2021."""

    def __init__(self):
        super().__init__()
        self.model = transformers.SegformerForSemanticSegmentation(transformers.SegformerConfig(
            depths=[3, 8, 27, 3], hidden_sizes=[64, 128, 320, 512], decoder_hidden_size=768, num_labels=CLASSES))

    def forward(self, x):
        return self.model(x).logits


NETWORKS = {
    "segnext-t": lambda height, width: SegNeXt(),
    "seaformer-b": lambda height, width: SeaFormer(),
    "cgrseg-b": CGRSeg,
    "fcn-resnet101": lambda height, width: Fcn(),
    "hrnetv2-w48": lambda height, width: HrNet(),
    "swin-b-upernet": lambda height, width: UperNetSwin(),
    "segformer-b4": lambda height, width: SegFormer(),
}


def write(name, height, width, folder):
    torch.manual_seed(SEED)
    network = NETWORKS[name](height, width).eval()
    parameters = sum(p.numel() for p in network.parameters())
    file = folder / f"{name}-{width}x{height}.onnx"
    with torch.no_grad():
        torch.onnx.export(
            network, (torch.zeros(1, 3, height, width),), file, input_names=["pixels"], output_names=["scores"],
            opset_version=18, dynamo=False)
    model = onnx.load(file)
    onnx.helper.set_model_props(model, {"network": name, "parameters": str(parameters)})
    onnx.save(model, file)
    print(f"{file}: {parameters / 1e6:.2f} M parameters, {file.stat().st_size / 1e6:.0f} MB", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="480x360", help="WIDTHxHEIGHT of the picture")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("training/papers"))
    parser.add_argument("networks", nargs="*", help=f"default: {' '.join(NETWORKS)}")
    arguments = parser.parse_args()
    width, height = map(int, arguments.size.split("x"))
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in arguments.networks or NETWORKS:
        write(name, height, width, arguments.out)


if __name__ == "__main__":
    main()
