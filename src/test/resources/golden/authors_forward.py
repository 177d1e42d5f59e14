"""Numbers of the forward passes of SSA-Seg and ProtoSeg as their authors define them.

Written from the papers and from reading the authors' code, without any of this project's: NumPy,
double precision, one image, one equation a line. Prints JSON; the tests compare the heads with it.

    python authors_forward.py > authors_forward.json
"""

import json

import numpy as np

RANDOM = np.random.default_rng(20241124)
CLASSES, FEATURES, ROWS, COLUMNS = 4, 8, 5, 6
PIXELS = ROWS * COLUMNS
VOID = 255


def normal(*shape, scale=1.0):
    return scale * RANDOM.standard_normal(shape)


def softmax(x, axis):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def unit(x, axis):
    return x / (np.linalg.norm(x, axis=axis, keepdims=True) + 1e-12)


def layer_norm(x, scale, shift):
    """Along the last axis, with PyTorch's epsilon."""
    centered = x - x.mean(axis=-1, keepdims=True)
    return centered / np.sqrt((centered**2).mean(axis=-1, keepdims=True) + 1e-5) * scale + shift


def perceptron(x, p):
    """Linear without bias, ReLU, linear with bias; weights as [outputs, inputs]."""
    return np.maximum(x @ p["hidden"].T, 0) @ p["output"].T + p["bias"]


def depthwise(features, kernels, bias):
    """3 by 3, zero padding: [D, h, w]."""
    padded = np.pad(features, ((0, 0), (1, 1), (1, 1)))
    total = np.zeros_like(features)
    for dy in range(3):
        for dx in range(3):
            total += kernels[:, dy, dx, None, None] * padded[:, dy : dy + ROWS, dx : dx + COLUMNS]
    return total + bias[:, None, None]


def adapter():
    def one():
        return {
            "hidden": normal(FEATURES // 2, 2 * FEATURES, scale=0.3),
            "output": normal(FEATURES, FEATURES // 2, scale=0.3),
            "bias": normal(FEATURES, scale=0.3),
        }

    return {"semantic": one(), "spatial": one(), "projection": normal(FEATURES, FEATURES, scale=0.3)}


def classify(features, positions, adapted):
    """15 times the cosine of every prototype with every pixel: [K, N]."""
    return 15 * unit(adapted, 1) @ unit(features + positions, 0)


def ssa():
    features = normal(FEATURES, ROWS, COLUMNS)
    labels = RANDOM.integers(0, CLASSES - 1, PIXELS)  # the last class is absent
    labels[[3, 17]] = VOID
    fixed, fixed_bias = normal(CLASSES, FEATURES, scale=0.4), normal(CLASSES, scale=0.4)
    basis = normal(CLASSES, FEATURES)
    kernels, kernel_bias = normal(FEATURES, 3, 3, scale=0.3), normal(FEATURES, scale=0.3)
    student, teacher = adapter(), adapter()

    q = depthwise(features, kernels, kernel_bias).reshape(FEATURES, PIXELS)
    f = features.reshape(FEATURES, PIXELS)
    coarse = fixed @ f + fixed_bias[:, None]

    membership = softmax(coarse, 0)
    z = membership @ f.T / membership.sum(axis=1, keepdims=True)
    a = perceptron(np.concatenate([z, fixed], 1), student["semantic"])
    r = softmax(coarse, 1) @ q.T
    b = perceptron(np.concatenate([basis, r], 1), student["spatial"])
    w = (a + b) @ student["projection"].T
    scores = classify(f, q, w)

    true_z, true_r = fixed.copy(), basis.copy()
    for k in range(CLASSES):
        if (labels == k).any():
            true_z[k] = f[:, labels == k].mean(axis=1)
            true_r[k] = q[:, labels == k].mean(axis=1)
    true_a = perceptron(np.concatenate([true_z, fixed], 1), teacher["semantic"])
    true_b = perceptron(np.concatenate([true_r, basis], 1), teacher["spatial"])
    true_w = (true_a + true_b) @ teacher["projection"].T
    return {
        "features": features,
        "labels": labels,
        "fixed": fixed,
        "fixedBias": fixed_bias,
        "position": basis,
        "positionalWeight": kernels,
        "positionalBias": kernel_bias,
        "student": student,
        "teacher": teacher,
        "expected": {
            "coarse": coarse,
            "semantic": a,
            "spatial": b,
            "prototypes": unit(w, 1),
            "scores": scores,
            "labels": scores.argmax(axis=0),
            "taughtSemantic": true_a,
            "taughtSpatial": true_b,
            "taughtScores": classify(f, q, true_w),
        },
    }


def sinkhorn(similarity, rounds=3, softness=0.05):
    """Shares of a class's pixels (rows) in its prototypes (columns)."""
    plan = np.exp(similarity / softness)
    plan /= plan.sum()
    for _ in range(rounds):
        plan /= plan.sum(axis=0, keepdims=True) * plan.shape[1]
        plan /= plan.sum(axis=1, keepdims=True) * plan.shape[0]
    return plan


def protoseg(per_class=3, momentum=0.9):
    features = normal(FEATURES, ROWS, COLUMNS)
    labels = RANDOM.integers(0, CLASSES, PIXELS)
    labels[5] = VOID
    prototypes = unit(normal(CLASSES, per_class, FEATURES), 2)
    pixel_scale, pixel_shift = 1 + normal(FEATURES, scale=0.2), normal(FEATURES, scale=0.2)
    score_scale, score_shift = 1 + normal(CLASSES, scale=0.2), normal(CLASSES, scale=0.2)

    pixels = features.reshape(FEATURES, PIXELS).T
    embeddings = unit(layer_norm(pixels, pixel_scale, pixel_shift), 1)
    similarity = np.einsum("nd,kmd->nkm", embeddings, prototypes)
    scores = layer_norm(similarity.max(axis=2), score_scale, score_shift)

    predicted = scores.argmax(axis=1)
    assigned = np.full(PIXELS, -1)
    moved = prototypes.copy()
    for k in range(CLASSES):
        own = np.flatnonzero(labels == k)
        best = sinkhorn(similarity[own, k]).argmax(axis=1)
        assigned[own] = k * per_class + best
        for m in range(per_class):
            right = own[(best == m) & (predicted[own] == k)]
            if right.size:
                mean = unit(embeddings[right].sum(axis=0), 0)
                moved[k, m] = unit(momentum * prototypes[k, m] + (1 - momentum) * mean, 0)
    return {
        "features": features,
        "labels": labels,
        "perClass": per_class,
        "momentum": momentum,
        "prototypes": prototypes.reshape(-1, FEATURES),
        "pixelScale": pixel_scale,
        "pixelShift": pixel_shift,
        "scoreScale": score_scale,
        "scoreShift": score_shift,
        "expected": {
            "embeddings": embeddings.T,
            "scores": scores.T,
            "labels": predicted,
            "assigned": assigned,
            "moved": moved.reshape(-1, FEATURES),
        },
    }


def plain(value):
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    array = np.asarray(value)
    if array.dtype.kind == "f":
        array = array.round(7)
    return array.ravel().tolist() if array.ndim else array.item()


print(
    json.dumps(
        {
            "classes": CLASSES,
            "features": FEATURES,
            "rows": ROWS,
            "columns": COLUMNS,
            "ssa": plain(ssa()),
            "protoseg": plain(protoseg()),
        }
    )
)
