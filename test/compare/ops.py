"""The library's operators in PyTorch, channels last: what the second golden set and the random comparison are computed with.

Every function takes tensors of any precision. Where PyTorch has the operator its own is called; the rest are the formulas of
test/golden/README.md.
"""

import math

import torch
import torch.nn.functional as F

# how near an argument was to a place where a gradient jumps, relative to the others: see `kink`
kinks = []


def kink(distance, scale):
    """Notes the smallest of the distances, as a share of the scale."""
    if distance.numel():
        kinks.append((distance.min() / (scale.abs().max() + 1e-30)).item())


# ---- layers --------------------------------------------------------------------------------

def pads_of(sizes, kernel, strides, dilation, padding):
    """(before, after) of each axis. `padding`: valid, same (TensorFlow's), causal (all before), or the pairs themselves."""
    if isinstance(padding, (list, tuple)):
        return [tuple(pair) for pair in padding]
    if padding == "valid":
        return [(0, 0)] * len(sizes)
    if padding == "causal":
        return [((k - 1) * d, 0) for k, d in zip(kernel, dilation)]
    assert padding == "same", padding
    out = []
    for n, k, s, d in zip(sizes, kernel, strides, dilation):
        need = max((math.ceil(n / s) - 1) * s + (k - 1) * d + 1 - n, 0)
        out.append((need // 2, need - need // 2))
    return out


def pad_image(x, pads, value=0.0):
    """x [batch, channels, height, width]."""
    (top, bottom), (left, right) = pads
    return F.pad(x, (left, right, top, bottom), value=value)


def first(x):
    """Channels first."""
    return x.permute(0, 3, 1, 2)


def last(x):
    return x.permute(0, 2, 3, 1)


def conv2d(x, kernel, bias=None, strides=(1, 1), padding="valid", dilation=(1, 1), groups=1):
    """kernel [kh, kw, in / groups, out]."""
    pads = pads_of(x.shape[1:3], kernel.shape[:2], strides, dilation, padding)
    return last(F.conv2d(pad_image(first(x), pads), kernel.permute(3, 2, 0, 1).contiguous(), bias, tuple(strides), 0, tuple(dilation), groups))


def depthwise_conv2d(x, kernel, bias=None, strides=(1, 1), padding="valid", dilation=(1, 1)):
    """kernel [kh, kw, in, multiplier]; output channel in * multiplier + m."""
    height, width, channels, multiplier = kernel.shape
    return conv2d(x, kernel.reshape(height, width, 1, channels * multiplier), bias, strides, padding, dilation, channels)


def conv1d(x, kernel, bias=None, strides=1, padding="valid", dilation=1, groups=1):
    padding = [(0, 0), tuple(padding)] if isinstance(padding, (list, tuple)) else padding
    return conv2d(x[:, None], kernel[None], bias, (1, strides), padding, (1, dilation), groups)[:, 0]


def conv2d_transpose(x, kernel, bias=None, strides=(1, 1), padding="valid", dilation=(1, 1), groups=1, more=(0, 0)):
    """kernel [kh, kw, out / groups, in]; "same" crops to n s, "causal" to n s at the end alone, numbers crop so many cells."""
    weights = kernel.permute(3, 2, 0, 1).contiguous()
    full = last(F.conv_transpose2d(first(x), weights, None, tuple(strides), 0, tuple(more), groups, tuple(dilation)))
    if padding in ("same", "causal"):
        height, width = (n * s for n, s in zip(x.shape[1:3], strides))
        spans = [(k - 1) * d + 1 for k, d in zip(kernel.shape[:2], dilation)]
        top, left = (max(k - s, 0) // 2 if padding == "same" else 0 for k, s in zip(spans, strides))
        # a window smaller than its step leaves cells at the end that nothing reaches
        full = F.pad(full, (0, 0, 0, max(left + width - full.shape[2], 0), 0, max(top + height - full.shape[1], 0)))
        full = full[:, top:top + height, left:left + width]
    elif padding != "valid":
        (top, bottom), (left, right) = padding
        full = full[:, top:full.shape[1] - bottom, left:full.shape[2] - right]
    return full if bias is None else full + bias


def windows(x, size, strides, dilation, pads, value):
    """The cells of each window, on the last axis: x [batch, height, width, channels], padded with the value."""
    padded = pad_image(first(x), pads, value)
    spans = [(k - 1) * d + 1 for k, d in zip(size, dilation)]
    cells = padded.unfold(2, spans[0], strides[0]).unfold(3, spans[1], strides[1])
    return cells[..., ::dilation[0], ::dilation[1]].flatten(4)


def reached(sizes, size, strides, dilation, pads):
    """Cells after each axis that a last window reaches beyond the padding, if it begins before the padding after the axis."""
    out = []
    for n, k, s, d, (before, after) in zip(sizes, size, strides, dilation, pads):
        moves = math.ceil((n + before + after - (k - 1) * d - 1) / s)
        moves -= moves * s >= n + before
        out.append((0, max(moves * s + (k - 1) * d + 1 - n - before - after, 0)))
    return out


def own_pads(size, pads):
    """Both cells of each axis as PyTorch's own layers take them, if they do."""
    return [before for before, _ in pads] if all(b == a <= k // 2 for k, (b, a) in zip(size, pads)) else None


def max_pool2d(x, size, strides, padding="valid", dilation=(1, 1), ceil=False):
    """ceil: a last window may reach beyond the padding."""
    pads = pads_of(x.shape[1:3], size, strides, dilation, padding)
    own, ceil = own_pads(size, pads), ceil and padding not in ("same", "causal")
    more = reached(x.shape[1:3], size, strides, dilation, pads) if ceil else [(0, 0), (0, 0)]
    wide = [(before, after + end) for (before, after), (_, end) in zip(pads, more)]
    if size[0] * size[1] > 1:
        top = windows(x.detach(), size, strides, dilation, wide, -math.inf).topk(2, -1).values
        kink(top[..., 0] - top[..., 1], x.detach())
    if own is not None:
        return last(F.max_pool2d(first(x), tuple(size), tuple(strides), own, tuple(dilation), ceil))
    return last(F.max_pool2d(pad_image(first(x), wide, -math.inf), tuple(size), tuple(strides), 0, tuple(dilation)))


def avg_pool2d(x, size, strides, padding="valid", dilation=(1, 1), count_padding=False, ceil=False):
    """Padded cells count only if they are to, and what a last window has beyond them never."""
    pads = pads_of(x.shape[1:3], size, strides, dilation, padding)
    own, ceil = own_pads(size, pads), ceil and padding not in ("same", "causal")
    if own is not None and tuple(dilation) == (1, 1):
        return last(F.avg_pool2d(first(x), tuple(size), tuple(strides), own, ceil, count_padding))
    more = reached(x.shape[1:3], size, strides, dilation, pads) if ceil else [(0, 0), (0, 0)]
    def mean(image, counted, beyond):
        """`counted`: cells that are there; `beyond`: the others."""
        padded = last(pad_image(first(image), counted))
        return last(windows(padded, size, strides, dilation, beyond, 0.0).mean(-1))
    wide = [(before, after + end) for (before, after), (_, end) in zip(pads, more)]
    none, ones = [(0, 0), (0, 0)], torch.ones_like(x[:1, :, :, :1])
    if count_padding:
        return mean(x, none, wide) / mean(torch.ones_like(last(pad_image(first(ones), pads))), none, more)
    return mean(x, none, wide) / mean(ones, none, wide)


def upsample2d(x, factor):
    return last(F.interpolate(first(x), scale_factor=factor, mode="nearest"))


def resize2d(x, size, interpolation="nearest", coordinates="asymmetric"):
    """To a height and a width."""
    size = tuple(size)
    if interpolation == "nearest":
        rows, columns = (torch.arange(m) * n // m for n, m in zip(x.shape[1:3], size))
        return x[:, rows][:, :, columns]
    if coordinates != "asymmetric":
        return last(F.interpolate(first(x), size, mode="bilinear", align_corners=coordinates == "alignCorners"))
    for axis, m in zip((1, 2), size):
        n = x.shape[axis]
        place = torch.arange(m, dtype=torch.float64) * n / m
        low = (torch.arange(m) * n // m).clamp(max=n - 1)
        share = (place - low).to(x.dtype).reshape([-1 if a == axis else 1 for a in range(x.dim())])
        x = x.index_select(axis, low) * (1 - share) + x.index_select(axis, (low + 1).clamp(max=n - 1)) * share
    return x


def pad(x, before, after, mode="constant", value=0.0):
    """Cells at both sides of the axes after the first one; negative numbers cut some off."""
    name = {"edge": "replicate", "wrap": "circular"}.get(mode, mode)
    for axis, (front, back) in enumerate(zip(before, after), 1):
        moved = x.movedim(axis, -1)
        flat = moved.reshape(-1, 1, moved.shape[-1])
        sides = (max(front, 0), max(back, 0))
        wide = F.pad(flat, sides, value=value) if mode == "constant" else F.pad(flat, sides, name) if any(sides) else flat
        cut = wide[..., max(-front, 0):wide.shape[-1] - max(-back, 0)]
        x = cut.reshape(*moved.shape[:-1], -1).movedim(-1, axis)
    return x


def batch_norm(x, gamma, beta, mean, variance, momentum, eps, training=True):
    """Moves the running statistics in place in training."""
    flat = x.reshape(-1, x.shape[-1])
    return F.batch_norm(flat, mean, variance, gamma, beta, training, momentum, eps).reshape(x.shape)


def layer_norm(x, gamma, beta, eps):
    return F.layer_norm(x, x.shape[-1:], gamma, beta, eps)


def group_norm(x, groups, gamma, beta, eps):
    return F.group_norm(x.movedim(-1, 1), groups, gamma, beta, eps).movedim(1, -1)


def rms_norm(x, gamma, eps):
    return x / torch.sqrt((x * x).mean(-1, keepdim=True) + eps) * gamma


def local_response_norm(x, size, alpha, beta, bias):
    first = x.movedim(-1, 1)
    flat = first.reshape(*first.shape[:2], -1)  # PyTorch's wants an axis after the channels
    return F.local_response_norm(flat, size, alpha, beta, bias).reshape(first.shape).movedim(1, -1)


def cell(kind, x, h, c, weights):
    """One step. Returns h and c. gru_before: a gru that resets the state before the product."""
    w, u, *biases = weights
    if kind == "gru_before":
        units = h.shape[-1]
        gates, hidden = x @ w + biases[0], u[:, :2 * units]
        r, z = torch.sigmoid(gates[:, :2 * units] + h @ hidden).chunk(2, -1)
        n = torch.tanh(gates[:, 2 * units:] + (r * h) @ u[:, 2 * units:])
        return (1 - z) * n + z * h, c
    if kind == "gru":
        (ri, zi, ni), (rh, zh, nh) = (x @ w + biases[0]).chunk(3, -1), (h @ u + biases[1]).chunk(3, -1)
        z = torch.sigmoid(zi + zh)
        return (1 - z) * torch.tanh(ni + torch.sigmoid(ri + rh) * nh) + z * h, c
    gates = x @ w + h @ u + biases[0]
    if kind == "simple_rnn":
        return torch.tanh(gates), c
    i, f, g, o = gates.chunk(4, -1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def recurrent(kind, x, weights, h=None, c=None, lengths=None, reverse=False):
    """weights: weight_ih, weight_hh, and one bias (of a gru two). Returns all states, the last one, and the last cell."""
    rows, steps, _ = x.shape
    units = weights[1].shape[0]
    h = x.new_zeros(rows, units) if h is None else h
    c = x.new_zeros(rows, units) if c is None else c
    out = [None] * steps
    for t in range(steps)[::-1] if reverse else range(steps):
        new, state = cell(kind, x[:, t], h, c, weights)
        live = torch.ones(rows, 1, dtype=torch.bool) if lengths is None else (t < lengths)[:, None]
        h, c = torch.where(live, new, h), torch.where(live, state, c)
        out[t] = torch.where(live, new, torch.zeros_like(new))
    return torch.stack(out, 1), h, c


def torch_recurrent(kind, x, weights, h=None, c=None, reverse=False):
    """PyTorch's own layer; it knows no lengths. Returns all states and the last one."""
    units = weights[1].shape[0]
    zero = x.new_zeros(1, len(x), units)
    h, c = (zero if state is None else state[None] for state in (h, c))
    w, u, bias = weights[:3]
    second = weights[3] if kind == "gru" else torch.zeros_like(bias)
    parameters = [w.t(), u.t(), bias, second]
    x = x.flip(1) if reverse else x
    how = (True, 1, 0.0, True, False, True)
    if kind == "lstm":
        out, h, _ = torch.lstm(x, (h, c), parameters, *how)
    else:
        out, h = (torch.gru if kind == "gru" else torch.rnn_tanh)(x, h, parameters, *how)
    return (out.flip(1) if reverse else out), h[0]


def attention(x, p, heads, causal=False, key_mask=None, memory=None, mask=None, score_bias=None):
    """p: weight_q, bias_q, ... Returns the output and the probabilities [batch, heads, steps, positions]; 0 where all is masked."""
    memory = x if memory is None else memory
    project = lambda value, name: F.linear(value, p["weight_" + name].t(), p.get("bias_" + name))
    def split(value, name):
        columns = project(value, name)
        return columns.reshape(*columns.shape[:2], heads, -1).transpose(1, 2)
    q, k, v = split(x, "q"), split(memory, "k"), split(memory, "v")
    scores = q @ k.transpose(2, 3) / math.sqrt(q.shape[-1])
    each = lambda given: given if given.dim() == 4 else given[:, None]
    if score_bias is not None:
        scores = scores + each(score_bias)
    sees = torch.ones_like(scores, dtype=torch.bool)
    if causal:
        sees = sees.tril()
    if key_mask is not None:
        sees = sees & key_mask.bool()[:, None, None]
    if mask is not None:
        sees = sees & each(mask).bool()
    some = sees.any(-1, keepdim=True)
    weights = torch.softmax(scores.masked_fill(~sees & some, -math.inf), -1) * some
    return project((weights @ v).transpose(1, 2).flatten(2), "o"), weights


# ---- activations -------------------------------------------------------------------------------

def kinked(places, function):
    """An activation whose gradient jumps there."""
    def run(x, *how):
        for place in places:
            kink((x.detach() - place).abs(), x.detach())
        return function(x, *how)
    return run


relu = kinked([0], F.relu)
relu6 = kinked([0, 6], F.relu6)
leaky_relu = kinked([0], F.leaky_relu)
elu = kinked([0], lambda x, alpha: torch.where(x > 0, x, alpha * torch.expm1(torch.minimum(x, torch.zeros_like(x)))))


hard_swish = kinked([-3, 3], F.hardswish)


def selu(x, alpha, scale):
    kink(x.detach().abs(), x.detach())
    return scale * torch.where(x > 0, x, alpha * torch.expm1(torch.minimum(x, torch.zeros_like(x))))


def hard_sigmoid(x, slope, offset=0.5):
    for place in (-offset / slope, (1 - offset) / slope):
        kink((x.detach() - place).abs(), x.detach())
    return torch.clamp(slope * x + offset, 0, 1)


def clip(x, low=-math.inf, high=math.inf):
    for place in (low, high):
        kink((x.detach() - place).abs(), x.detach())
    return torch.clamp(x, low, high)


def shrink(x, threshold, bias):
    for place in (-threshold, threshold):
        kink((x.detach() - place).abs(), x.detach())
    if bias == 0:
        return F.hardshrink(x, threshold)
    if bias == threshold:
        return F.softshrink(x, threshold)
    return torch.where(x > threshold, x - bias, torch.where(x < -threshold, x + bias, torch.zeros_like(x)))


def thresholded_relu(x, threshold):
    kink((x.detach() - threshold).abs(), x.detach())
    return F.threshold(x, threshold, 0)


def prelu(x, slope):
    kink(x.detach().abs(), x.detach())
    return torch.where(x > 0, x, slope * x)


# ---- losses: per element, or per row for classes --------------------------------------------------

def binary_cross_entropy(p, y, clamp):
    """clamp: {"kind": "none" | "prob" | "log_min", low, high}."""
    if clamp["kind"] == "log_min":
        return F.binary_cross_entropy(p, y, reduction="none")
    if clamp["kind"] == "prob":
        for bound in (clamp["low"], clamp["high"]):
            kink((p.detach() - bound).abs(), p.detach())
        p = torch.clamp(p, clamp["low"], clamp["high"])
    return -(y * torch.log(p) + (1 - y) * torch.log1p(-p))


def bce_with_logits(x, y, pos_weight=1.0):
    return F.binary_cross_entropy_with_logits(x, y, pos_weight=torch.tensor(pos_weight, dtype=x.dtype), reduction="none")


def class_targets(x, y, smoothing=0.0):
    """Labels or probabilities, as smoothed probabilities."""
    t = F.one_hot(y.long(), x.shape[-1]).to(x.dtype) if y.dim() < x.dim() else y
    return t * (1 - smoothing) + smoothing / x.shape[-1]


def class_loss(log_p, y, weight=None, smoothing=0.0):
    """Returns the loss of each row, and what a mean divides by."""
    t = class_targets(log_p, y, smoothing)
    each = -(t * log_p if weight is None else t * log_p * weight).sum(-1)
    labelled = weight is not None and y.dim() < log_p.dim()
    return each, (weight[y.long()].sum() if labelled else each.numel())


def huber(x, y, delta):
    return F.huber_loss(x, y, reduction="none", delta=delta)


def mae(x, y):
    kink((x - y).detach().abs(), x.detach())
    return (x - y).abs()


def hinge(x, y, margin):
    kink((margin - x * y).detach().abs(), x.detach())
    return torch.clamp(margin - x * y, min=0)


def kl_divergence(log_q, p):
    return F.kl_div(log_q, p, reduction="none")


# ---- optimizers --------------------------------------------------------------------------------------

def optimizer(parameters, kind, lr, weight_decay=0.0, momentum=0.0, nesterov=False, rho=0.9, eps=1e-8, centered=False,
              initial_accumulator=0.0, beta1=0.9, beta2=0.999, amsgrad=False):
    """PyTorch's own."""
    o = torch.optim
    if kind == "sgd":
        return o.SGD(parameters, lr, momentum, 0, weight_decay, nesterov)
    if kind == "rmsprop":
        return o.RMSprop(parameters, lr, rho, eps, weight_decay, momentum, centered)
    if kind == "adagrad":
        return o.Adagrad(parameters, lr, 0, weight_decay, initial_accumulator, eps)
    if kind == "adadelta":
        return o.Adadelta(parameters, lr, rho, eps, weight_decay)
    make = o.AdamW if kind == "adamw" else o.Adam
    return make(parameters, lr, (beta1, beta2), eps, weight_decay, kind == "amsgrad" or amsgrad)


def add_l1(parameters, l1):
    for p in parameters:
        p.grad = p.grad + l1 * torch.sign(p.detach())


def clip_gradients(parameters, clip_value=None, clip_global_norm=None, clip_norm=None):
    """Returns the norms that were clipped."""
    norms = None
    if clip_value is not None:
        torch.nn.utils.clip_grad_value_(parameters, clip_value)
    if clip_norm is not None:
        norms = torch.stack([torch.nn.utils.clip_grad_norm_([p], clip_norm) for p in parameters])
    if clip_global_norm is not None:
        norms = torch.nn.utils.clip_grad_norm_(parameters, clip_global_norm)
    return norms
