"""What tutorials and papers combine: more of each kind, and several kinds in one."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from torchAttention import Heads
from torchVectors import Of


def every_activation():
    return nn.Sequential(
        nn.Linear(5, 9), nn.GELU(), nn.SiLU(), nn.Mish(), nn.Linear(9, 7), nn.ELU(), nn.SELU(), nn.LeakyReLU(0.3), nn.PReLU(), nn.Softplus(), nn.Softsign(),
        nn.Linear(7, 6, bias=False), nn.Hardsigmoid(), nn.Hardswish(), nn.Hardtanh(0, 6), nn.ReLU6(), nn.Tanh(), nn.Linear(6, 4), nn.LogSoftmax(1),
    )


def every_norm():
    return nn.Sequential(
        nn.Conv2d(2, 8, 3, padding=1), nn.GroupNorm(4, 8), nn.InstanceNorm2d(8, affine=True), nn.LocalResponseNorm(3), nn.AvgPool2d(3, 2, 1),
        nn.Upsample(scale_factor=2), nn.ZeroPad2d(1), nn.Flatten(), nn.Linear(8 * 8 * 10, 6), nn.BatchNorm1d(6), nn.Softmax(1),
    )


class StandardLayerNorm(nn.Module):
    """The Annotated Transformer's: by the standard deviation of n - 1, with epsilon outside."""

    def __init__(self, size, eps=1e-6):
        super().__init__()
        self.a_2, self.b_2, self.eps = nn.Parameter(torch.ones(size)), nn.Parameter(torch.zeros(size)), eps

    def forward(self, x):
        return self.a_2 * (x - x.mean(-1, keepdim=True)) / (x.std(-1, keepdim=True) + self.eps) + self.b_2


class ChannelLayerNorm(nn.Module):
    """ConvNeXt's norm with the channels first."""

    def __init__(self, size):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(size)), nn.Parameter(torch.zeros(size))

    def forward(self, x):
        u = x.mean(1, keepdim=True)
        s = (x - u).pow(2).mean(1, keepdim=True)
        x = (x - u) / torch.sqrt(s + 1e-6)
        return self.weight[:, None, None] * x + self.bias[:, None, None]


def between(make, size=8):
    return lambda: nn.Sequential(nn.Linear(6, size), make(), nn.Linear(size, 3))


def images(make, size=6):
    return lambda: nn.Sequential(nn.Conv2d(3, size, 3, padding=1), make(), nn.ReLU(), nn.Conv2d(size, 2, 3))


def unbiased():
    def run(m, x):
        x = m.a(x)
        x = (x - x.mean(-1, keepdim=True)) / torch.sqrt(x.var(-1, keepdim=True) + 1e-5)
        return m.b(x)

    return Of(run, a=nn.Linear(6, 9), b=nn.Linear(9, 3))


def normalised():
    return Of(lambda m, x: m.b(F.normalize(m.a(x), dim=1)), a=nn.Linear(6, 9), b=nn.Linear(9, 3))


def cosine():
    return Of(lambda m, x, y: F.cosine_similarity(m.a(x), m.a(y), dim=1), a=nn.Linear(6, 9))


def siamese():
    def run(m, x, y):
        one = lambda z: torch.flatten(F.max_pool2d(F.relu(m.conv(z)), 2), 1)
        return torch.sigmoid(m.out(torch.abs(one(x) - one(y))))

    return Of(run, conv=nn.Conv2d(1, 4, 3), out=nn.Linear(4 * 3 * 2, 1))


def maxout():
    return Of(lambda m, x: m.b(m.a(x).view(-1, 4, 3).max(2)[0]), a=nn.Linear(6, 12), b=nn.Linear(4, 2))


def mixture():
    """Experts weighed by a softmax."""

    def run(m, x):
        weights = torch.softmax(m.gate(x), dim=1)
        experts = torch.stack([expert(x) for expert in m.experts], dim=1)
        return (weights.unsqueeze(2) * experts).sum(1)

    return Of(run, gate=nn.Linear(6, 3), experts=nn.ModuleList([nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 2)) for _ in range(3)]))


def cross_network():
    """Deep & Cross: x0 * (x w) + b + x."""

    def run(m, x):
        y = x
        for layer in m.layers:
            y = x * layer(y) + y
        return m.out(torch.cat([y, F.relu(m.deep(x))], dim=-1))

    return Of(run, layers=nn.ModuleList([nn.Linear(6, 1), nn.Linear(6, 6)]), deep=nn.Linear(6, 4), out=nn.Linear(10, 1))


def factorisation():
    """A factorisation machine: half of the square of the sum less the sum of the squares."""

    def run(m, x):
        v = m.embedding(x)
        both = 0.5 * (v.sum(1).pow(2) - v.pow(2).sum(1))
        return torch.sigmoid(both.sum(1, keepdim=True) + m.first(x).sum(1))

    return Of(run, embedding=nn.Embedding(11, 5), first=nn.Embedding(11, 1))


def two_tower():
    """Users and items: the product of embeddings."""

    def run(m, users, items):
        u, i = m.users(users), m.items(items)
        return (u * i).sum(1) + m.bias(items).squeeze(1)

    return Of(run, users=nn.Embedding(7, 5), items=nn.Embedding(9, 5), bias=nn.Embedding(9, 1))


def collaborative():
    """Neural collaborative filtering on one input of two columns."""

    def run(m, x):
        z = torch.cat([m.users(x[:, 0]), m.items(x[:, 1])], dim=1)
        return m.b(F.relu(m.a(z))).squeeze()

    return Of(run, users=nn.Embedding(7, 5), items=nn.Embedding(7, 4), a=nn.Linear(9, 8), b=nn.Linear(8, 1))


def squeeze_all():
    return Of(lambda m, x: m.b(torch.relu(m.a(x))).squeeze(-1), a=nn.Linear(6, 9), b=nn.Linear(9, 1))


def crnn():
    """A convolution, whose columns are steps."""

    def run(m, x):
        x = F.max_pool2d(F.relu(m.conv(x)), (2, 1))
        n, c, h, w = x.size()
        y, _ = m.cell(x.permute(0, 3, 1, 2).reshape(n, w, c * h))
        return m.head(y)

    return Of(run, conv=nn.Conv2d(1, 4, 3, padding=1), cell=nn.LSTM(16, 5, bidirectional=True, batch_first=True), head=nn.Linear(10, 6))


def crnn_steps_first():
    """As in text recognition: squeeze the height, steps first."""

    def run(m, x):
        x = F.max_pool2d(F.relu(m.conv(x)), (4, 1))
        y, _ = m.cell(x.squeeze(2).permute(2, 0, 1))
        return F.log_softmax(m.head(y), dim=2).permute(1, 0, 2)

    return Of(run, conv=nn.Conv2d(1, 6, 3, padding=1), cell=nn.GRU(6, 5, bidirectional=True), head=nn.Linear(10, 6))


def encoder_decoder():
    """An LSTM autoencoder: the last state at every step of another LSTM."""

    def run(m, x):
        _, (h, _) = m.encoder(x)
        z = h[-1].unsqueeze(1).repeat(1, x.size(1), 1)
        y, _ = m.decoder(z)
        return m.out(y)

    return Of(run, encoder=nn.LSTM(4, 6, batch_first=True), decoder=nn.LSTM(6, 5, batch_first=True), out=nn.Linear(5, 4))


def sequence_to_sequence():
    """A decoder that begins in the encoder's state, and is told what comes."""

    def run(m, x, y):
        _, state = m.encoder(m.source(x))
        out, _ = m.decoder(m.target(y), state)
        return m.out(out)

    return Of(
        run, source=nn.Embedding(11, 4), target=nn.Embedding(9, 3), encoder=nn.LSTM(4, 6, batch_first=True), decoder=nn.LSTM(3, 6, batch_first=True), out=nn.Linear(6, 9),
    )


def stateful_start():
    """h0 by a Linear of another input, as in captioning."""

    def run(m, features, x):
        h = torch.tanh(m.start(features)).unsqueeze(0)
        y, _ = m.cell(m.embedding(x), h)
        return m.out(y)

    return Of(run, start=nn.Linear(5, 6), embedding=nn.Embedding(11, 4), cell=nn.GRU(4, 6, batch_first=True), out=nn.Linear(6, 11))


def rnn_relu():
    return Of(lambda m, x: m.head(m.cell(x)[0][:, -1]), cell=nn.RNN(5, 6, nonlinearity="relu", batch_first=True), head=nn.Linear(6, 2))


def hidden_views():
    """h in the ways that tutorials take it."""

    def run(m, x):
        _, (h, c) = m.cell(x)
        return m.head(torch.cat([h.squeeze(0), c.view(-1, 6), h.permute(1, 0, 2).reshape(x.size(0), -1)], 1))

    return Of(run, cell=nn.LSTM(5, 6, batch_first=True), head=nn.Linear(18, 2))


def layered():
    """Recurrent layers with what is between them."""

    def run(m, x):
        y, _ = m.a(x)
        y, _ = m.b(m.norm(F.relu(y)) + m.skip(x))
        return m.head(torch.cat([y[:, -1], y.mean(1), y.max(1)[0]], dim=1))

    return Of(
        run, a=nn.LSTM(5, 4, bidirectional=True, batch_first=True), norm=nn.LayerNorm(8), skip=nn.Linear(5, 8), b=nn.GRU(8, 6, batch_first=True), head=nn.Linear(18, 3),
    )


def wavenet():
    """Gated dilated convolutions with skips."""

    def run(m, x):
        x, skips = m.first(x), 0
        for d, (f, g, o) in zip((1, 2, 4), m.blocks):
            z = F.pad(x, (d, 0))
            z = torch.tanh(f(z)) * torch.sigmoid(g(z))
            skips = skips + z
            x = x + o(z)
        return m.last(F.relu(skips))

    block = lambda d: nn.ModuleList([nn.Conv1d(5, 5, 2, dilation=d), nn.Conv1d(5, 5, 2, dilation=d), nn.Conv1d(5, 5, 1)])
    return Of(run, first=nn.Conv1d(2, 5, 1), blocks=nn.ModuleList([block(1), block(2), block(4)]), last=nn.Conv1d(5, 3, 1))


def gated_convolution():
    return nn.Sequential(nn.Conv1d(3, 8, 3, padding=1), nn.GLU(1), nn.BatchNorm1d(4), nn.Conv1d(4, 2, 1), nn.AdaptiveMaxPool1d(1), nn.Flatten())


def chomp():
    """TCN as in its paper's code: pads on both sides, and the end cut off."""

    def run(m, x):
        y = F.relu(m.a(x)[:, :, :-4].contiguous())
        return m.head(F.relu(y + m.down(x)).mean(-1))

    return Of(run, a=nn.Conv1d(3, 6, 3, padding=4, dilation=2), down=nn.Conv1d(3, 6, 1), head=nn.Linear(6, 2))


def ceil_pools():
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.MaxPool2d(3, 2, ceil_mode=True), nn.Conv2d(4, 5, 3, padding=1), nn.AvgPool2d(2, ceil_mode=True), nn.Flatten(), nn.Linear(5 * 2 * 3, 3),
    )


def adaptive():
    return nn.Sequential(nn.Conv2d(3, 6, (5, 3), stride=(2, 1), padding=(1, 1), bias=False), nn.ReLU(), nn.AdaptiveAvgPool2d((5, 3)), nn.Flatten(1), nn.Linear(90, 4))


def fire():
    """SqueezeNet: concatenated expansions, and a mean at the end."""

    def run(m, x):
        x = F.max_pool2d(F.relu(m.a(x)), 3, 2, ceil_mode=True)
        x = F.relu(m.squeeze(x))
        x = torch.cat([F.relu(m.one(x)), F.relu(m.three(x))], 1)
        return torch.flatten(F.adaptive_avg_pool2d(F.relu(m.last(x)), (1, 1)), 1)

    return Of(run, a=nn.Conv2d(3, 6, 3, 2), squeeze=nn.Conv2d(6, 3, 1), one=nn.Conv2d(3, 4, 1), three=nn.Conv2d(3, 4, 3, padding=1), last=nn.Conv2d(8, 4, 1))


def shufflenet():
    """Halves, one through a block, and the channels shuffled."""

    def run(m, x):
        a, b = m.stem(x).chunk(2, dim=1)
        y = torch.cat([a, m.block(b)], 1)
        n, c, h, w = y.size()
        y = y.view(n, 2, c // 2, h, w).transpose(1, 2).contiguous().view(n, c, h, w)
        return m.head(m.last(y).mean([2, 3]))

    block = nn.Sequential(nn.Conv2d(4, 4, 1), nn.ReLU(), nn.Conv2d(4, 4, 3, padding=1, groups=4), nn.Conv2d(4, 4, 1), nn.ReLU())
    return Of(run, stem=nn.Conv2d(3, 8, 3, 2, 1), block=block, last=nn.Conv2d(8, 6, 1), head=nn.Linear(6, 3))


def non_local():
    """Self-attention over pixels, with a factor that is learned."""

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem, self.q, self.k, self.v = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 2, 1), nn.Conv2d(8, 2, 1), nn.Conv2d(8, 8, 1)
            self.gamma, self.head = nn.Parameter(torch.full((1,), 0.6)), nn.Linear(8, 3)

        def forward(self, x):
            x = F.relu(self.stem(x))
            n, c, h, w = x.size()
            q = self.q(x).view(n, -1, h * w).permute(0, 2, 1)
            k = self.k(x).view(n, -1, h * w)
            a = torch.softmax(torch.bmm(q, k), dim=-1)
            y = torch.bmm(self.v(x).view(n, -1, h * w), a.permute(0, 2, 1)).view(n, c, h, w)
            return self.head((self.gamma * y + x).mean((2, 3)))

    return Model()


def efficient_channel():
    """ECA: a convolution along the channels."""

    def run(m, x):
        x = F.relu(m.a(x))
        y = m.pool(x)
        y = m.conv(y.squeeze(-1).transpose(-1, -2)).transpose(-1, -2).unsqueeze(-1)
        return m.head((x * torch.sigmoid(y).expand_as(x)).mean((2, 3)))

    return Of(run, a=nn.Conv2d(3, 8, 3, padding=1), pool=nn.AdaptiveAvgPool2d(1), conv=nn.Conv1d(1, 1, 3, padding=1, bias=False), head=nn.Linear(8, 2))


def skip_resize():
    """U-Net's upsampling to the size of the skip, and padding to it."""

    def run(m, x):
        a = F.relu(m.a(x))
        b = F.relu(m.b(F.max_pool2d(a, 2)))
        up = F.interpolate(b, size=a.shape[2:], mode="nearest")
        more = F.pad(m.up(b), [0, a.size(3) - 2 * b.size(3), 0, a.size(2) - 2 * b.size(2)])
        return m.out(torch.cat([a, up + more], dim=1))

    return Of(run, a=nn.Conv2d(2, 4, 3, padding=1), b=nn.Conv2d(4, 5, 3, padding=1), up=nn.ConvTranspose2d(5, 5, 2, 2), out=nn.Conv2d(9, 2, 1))


def upsampled():
    return nn.Sequential(nn.Conv2d(2, 4, 3), nn.Upsample(scale_factor=3, mode="nearest"), nn.Conv2d(4, 3, 3, stride=3), nn.UpsamplingNearest2d(scale_factor=2), nn.Conv2d(3, 2, 1))


def bilinear_upsampled():
    return nn.Sequential(nn.Conv2d(2, 4, 3), nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False), nn.Conv2d(4, 2, 3))


def transposed():
    """Transposed convolutions of all sorts."""
    return nn.Sequential(
        nn.Conv2d(2, 6, 3), nn.ConvTranspose2d(6, 4, 3, groups=2), nn.ReLU(), nn.ConvTranspose2d(4, 4, (2, 3), (2, 1), (0, 1), bias=False), nn.ELU(),
        nn.ConvTranspose2d(4, 2, 3, 1, 2, dilation=2),
    )


def reflected():
    return nn.Sequential(nn.ReflectionPad2d(1), nn.Conv2d(2, 4, 3), nn.InstanceNorm2d(4), nn.ReLU(), nn.ReplicationPad2d(1), nn.Conv2d(4, 2, 3))


def patch_gan():
    return nn.Sequential(
        nn.Conv2d(3, 6, 4, 2, 1), nn.LeakyReLU(0.2, True), nn.Conv2d(6, 8, 4, 2, 1, bias=False), nn.BatchNorm2d(8), nn.LeakyReLU(0.2, True), nn.Conv2d(8, 1, 3, 1, 1),
    )


def strided():
    """Every second pixel, a crop, a flip of the channels."""
    return Of(lambda m, x: m.b(F.relu(m.a(x[:, :, ::2, 1:-1]))).amax(dim=(2, 3)), a=nn.Conv2d(3, 4, 3), b=nn.Conv2d(4, 2, 1))


def channel_softmax():
    return nn.Sequential(nn.Conv2d(3, 5, 3), nn.Dropout2d(0.2), nn.Softmax2d())


def heat_maps():
    """Soft arg-max: a softmax over pixels, and the means of coordinates."""

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3, padding=1)
            self.register_buffer("places", torch.linspace(-1, 1, 7))

        def forward(self, x):
            n = x.size(0)
            p = torch.softmax(self.conv(x).view(n, 4, -1), dim=2).view(n, 4, 5, 7)
            return (p.sum(2) * self.places).sum(2)

    return Model()


class GroupedQueries(nn.Module):
    """Several heads of queries with one of keys and values."""

    def __init__(self):
        super().__init__()
        self.q, self.kv, self.o, self.head = nn.Linear(8, 8, bias=False), nn.Linear(8, 4, bias=False), nn.Linear(8, 8, bias=False), nn.Linear(8, 2)

    def forward(self, x):
        b, t, _ = x.shape
        q = self.q(x).view(b, t, 4, 2).transpose(1, 2)
        k, v = [z.view(b, t, 1, 2).transpose(1, 2) for z in self.kv(x).chunk(2, -1)]
        y = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(2), -1) @ v
        return self.head(x + self.o(y.transpose(1, 2).reshape(b, t, 8)))


class Biased(nn.Module):
    """A bias of its own for each head and distance, as in Swin and T5."""

    def __init__(self):
        super().__init__()
        self.qkv, self.proj = nn.Linear(8, 24), nn.Linear(8, 8)
        self.bias, self.head = nn.Parameter(torch.randn(1, 2, 5, 5) * 0.5), nn.Linear(8, 2)

    def forward(self, x):
        b, t, c = x.shape
        q, k, v = self.qkv(x).reshape(b, t, 3, 2, 4).permute(2, 0, 3, 1, 4)
        a = (q * 0.5) @ k.transpose(-2, -1) + self.bias
        return self.head(self.proj((a.softmax(-1) @ v).transpose(1, 2).reshape(b, t, c)))


class Rotary(nn.Module):
    """Rotary positions."""

    def __init__(self):
        super().__init__()
        angles = torch.outer(torch.arange(5).float(), 1 / 100 ** (torch.arange(0, 4, 2) / 4))
        angles = torch.cat([angles, angles], -1)
        self.register_buffer("cos", angles.cos())
        self.register_buffer("sin", angles.sin())
        self.qkv, self.o, self.head = nn.Linear(8, 24, bias=False), nn.Linear(8, 8, bias=False), nn.Linear(8, 2)
        self.register_buffer("mask", torch.full((5, 5), float("-inf")).triu(1))

    def turned(self, x):
        a, b = x[..., :2], x[..., 2:]
        return x * self.cos + torch.cat([-b, a], -1) * self.sin

    def forward(self, x):
        b, t, _ = x.shape
        q, k, v = [z.view(b, t, 2, 4).transpose(1, 2) for z in self.qkv(x).split(8, -1)]
        a = self.turned(q) @ self.turned(k).transpose(2, 3) / 2 + self.mask
        return self.head(self.o((a.softmax(-1) @ v).transpose(1, 2).reshape(b, t, 8)))


def llama():
    """RMSNorm, causal attention, SwiGLU."""

    class Norm(nn.Module):
        def __init__(self, size):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(size))

        def forward(self, x):
            return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.weight

    def run(m, ids):
        x = m.embedding(ids)
        x = x + m.attention(m.n1(x))
        y = m.n2(x)
        x = x + m.down(F.silu(m.gate(y)) * m.up(y))
        return m.out(m.n3(x))

    linear = lambda a, b: nn.Linear(a, b, bias=False)
    return Of(
        run, embedding=nn.Embedding(11, 8), attention=Heads(8, 2, 6, "divide", bias=False), n1=Norm(8), n2=Norm(8), n3=Norm(8), gate=linear(8, 12), up=linear(8, 12),
        down=linear(12, 8), out=linear(8, 11),
    )


def bert():
    """Words, positions and a type, post-norm layers, a pooler."""

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.positions, self.types = nn.Embedding(13, 12), nn.Embedding(8, 12), nn.Embedding(2, 12)
            self.norm, self.drop = nn.LayerNorm(12, eps=1e-12), nn.Dropout(0.1)
            layer = lambda: nn.TransformerEncoderLayer(12, 4, 24, dropout=0, activation="gelu", batch_first=True)
            self.layers = nn.ModuleList([layer(), layer()])
            self.pooler, self.head = nn.Linear(12, 12), nn.Linear(12, 3)
            self.register_buffer("places", torch.arange(8).unsqueeze(0))

        def forward(self, ids):
            t = ids.size(1)
            x = self.words(ids) + self.positions(self.places[:, :t]) + self.types(torch.zeros_like(ids))
            x = self.drop(self.norm(x))
            for layer in self.layers:
                x = layer(x)
            return self.head(torch.tanh(self.pooler(x[:, 0])))

    return Model()


def whole_transformer():
    """nn.Transformer with both sides."""

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.transformer = nn.Transformer(8, 2, 1, 1, 12, dropout=0, batch_first=True)
            self.head = nn.Linear(8, 2)
            self.register_buffer("mask", torch.full((4, 4), float("-inf")).triu(1))

        def forward(self, x, y):
            return self.head(self.transformer(x, y, tgt_mask=self.mask))

    return Model()


def with_weights():
    """Attention's weights as a second output."""

    def run(m, x):
        return m.attention(x, x, x)

    return Of(run, attention=nn.MultiheadAttention(8, 2, batch_first=True))


def annotated():
    """Pre-norm with the Annotated Transformer's norm."""

    def run(m, x):
        x = x + m.attention(m.n1(x))
        x = x + m.b(F.relu(m.a(m.n2(x))))
        return m.head(m.n3(x))

    return Of(
        run, attention=Heads(8, 2, 6, "divide", causal=False), n1=StandardLayerNorm(8), n2=StandardLayerNorm(8), n3=StandardLayerNorm(8), a=nn.Linear(8, 16),
        b=nn.Linear(16, 8), head=nn.Linear(8, 2),
    )


def bahdanau():
    """Attention with a score by tanh, of a query at the end."""

    def run(m, x):
        y, h = m.cell(x)
        score = m.v(torch.tanh(m.w(y) + m.u(h[-1]).unsqueeze(1)))
        weights = F.softmax(score, dim=1)
        return m.head((weights * y).sum(1))

    return Of(run, cell=nn.GRU(5, 6, batch_first=True), w=nn.Linear(6, 4), u=nn.Linear(6, 4), v=nn.Linear(4, 1), head=nn.Linear(6, 2))


def luong():
    """Attention by products with the last state."""

    def run(m, x):
        y, (h, _) = m.cell(x)
        scores = torch.bmm(y, h[-1].unsqueeze(2)).squeeze(2)
        context = torch.bmm(F.softmax(scores, 1).unsqueeze(1), y).squeeze(1)
        return m.head(torch.tanh(torch.cat([context, h[-1]], 1)))

    return Of(run, cell=nn.LSTM(5, 6, batch_first=True), head=nn.Linear(12, 2))


def weight_normed():
    return nn.Sequential(nn.utils.weight_norm(nn.Linear(6, 8)), nn.ReLU(), nn.utils.weight_norm(nn.Linear(8, 3), dim=None))


def logs():
    """Log-sum-exp, log1p of counts, square roots: as losses and preprocessing have them."""
    return Of(lambda m, x: torch.logsumexp(m.a(x), dim=1, keepdim=True) + m.b(torch.sqrt(F.softplus(x) + 1e-3)), a=nn.Linear(6, 5), b=nn.Linear(6, 1))


def gaussian():
    """A mean and a deviation by exp."""
    return Of(lambda m, x: (m.mean(F.relu(m.a(x))), torch.exp(m.log(F.relu(m.a(x))))), a=nn.Linear(6, 8), mean=nn.Linear(8, 2), log=nn.Linear(8, 2))


def radial():
    """Radial basis functions."""

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.centres, self.head = nn.Parameter(torch.randn(7, 4)), nn.Linear(7, 2)

        def forward(self, x):
            d = (x.unsqueeze(1) - self.centres).pow(2).sum(-1)
            return self.head(torch.exp(-0.5 * d))

    return Model()


def fourier():
    """Features by sines."""

    def run(m, x):
        z = m.a(x)
        return m.b(torch.cat([torch.sin(z), torch.cos(z)], -1))

    return Of(run, a=nn.Linear(3, 5), b=nn.Linear(10, 2))


ROW = [("float", [None, 6])]
SERIES = [("float", [None, 6, 5])]
WIDE = [("float", [None, 6, 8])]
FIVE = [("float", [None, 5, 8])]
IDS = [("ids", [None, 6], 11)]


def image(c, h, w):
    return [("float", [None, c, h, w])]


NETWORKS = [
    ("everyActivation", every_activation, [("float", [None, 5])], "11s 13d 16s 17d", {}),
    ("everyNorm", every_norm, image(2, 6, 8), "11s 13d 16s 17d", {}),
    ("layerNormStandard", between(lambda: StandardLayerNorm(8)), ROW, "13d 17s", {}),
    ("layerNormChannels", images(lambda: ChannelLayerNorm(6)), image(3, 6, 7), "13d 17s1", {}),
    ("layerNormUnbiased", unbiased, ROW, "13d 17s", {}),
    ("normalised", normalised, ROW, "11s 13d", {}),
    ("cosine", cosine, ROW + ROW, "13d 17s", {}),
    ("siamese", siamese, image(1, 8, 7) * 2, "13d 17s", {}),
    ("maxout", maxout, ROW, "13d 17s1", {}),
    ("mixture", mixture, ROW, "11s 13d 17s1", {}),
    ("crossNetwork", cross_network, ROW, "13d 17s", {}),
    ("factorisation", factorisation, IDS, "13d 17s", {}),
    ("twoTower", two_tower, [("ids", [None], 7), ("ids", [None], 9)], "13d 17s", {}),
    ("collaborative", collaborative, [("ids", [None, 2], 7)], "13d", {}),
    ("squeezeAll", squeeze_all, ROW, "11d 13s 17s1", {}),
    ("crnn", crnn, image(1, 8, 7), "11d 13s 17s1", {}),
    ("crnnStepsFirst", crnn_steps_first, image(1, 4, 7), "13d 17s", {}),
    ("lstmAutoencoder", encoder_decoder, [("float", [None, 6, 4])], "11s 13d 17s1", {}),
    ("sequenceToSequence", sequence_to_sequence, [("ids", [None, 6], 11), ("ids", [None, 5], 9)], "13d 17s", {}),
    ("statefulStart", stateful_start, [("float", [None, 5]), ("ids", [None, 4], 11)], "13d 17s", {}),
    ("rnnRelu", rnn_relu, SERIES, "13d 17s", {}),
    ("hiddenViews", hidden_views, SERIES, "11s 13d 17s1", {}),
    ("layered", layered, SERIES, "11s 13d 17s1", {}),
    ("wavenet", wavenet, [("float", [None, 2, 9])], "11d 13s 17s1", {}),
    ("gatedConvolution", gated_convolution, [("float", [None, 3, 9])], "13d 17s", {}),
    ("chomp", chomp, [("float", [None, 3, 9])], "11s 13d", {}),
    ("ceilPools", ceil_pools, image(3, 10, 13), "11s 13d 17s1", {}),
    ("adaptive", adaptive, image(3, 11, 12), "13d 17s", {}),
    ("fire", fire, image(3, 15, 12), "11d 13s 17s1", {}),
    ("shufflenet", shufflenet, image(3, 10, 8), "11s 13d 17s1", {}),
    ("nonLocal", non_local, image(3, 5, 4), "11s 13d 17s1", {}),
    ("efficientChannel", efficient_channel, image(3, 5, 7), "13d 17s", {}),
    ("skipResize", skip_resize, image(2, 7, 9), "11s 13d 17s1", {}),
    ("upsampled", upsampled, image(2, 7, 8), "11d 13s 17d", {}),
    ("bilinearUpsampled", bilinear_upsampled, image(2, 7, 8), "11d 13s", {}),
    ("transposed", transposed, image(2, 7, 8), "11d 13s 17d", {}),
    ("reflected", reflected, image(2, 7, 8), "11s 13d", {}),
    ("patchGan", patch_gan, image(3, 16, 12), "11d 13s 17s1", {}),
    ("patchGanKept", patch_gan, image(3, 16, 12), "13d", {"preserve": True}),
    ("strided", strided, image(3, 9, 10), "13d 17s", {}),
    ("channelSoftmax", channel_softmax, image(3, 6, 5), "11d 13s 17d", {}),
    ("heatMaps", heat_maps, image(3, 5, 7), "13d 17s", {}),
    ("groupedQueries", GroupedQueries, FIVE, "13d 17s 17s1", {}),
    ("biased", Biased, FIVE, "11s 13d 17s1", {}),
    ("rotary", Rotary, FIVE, "13d 17s", {}),
    ("llama", llama, IDS, "11s 13d 17s1", {}),
    ("bert", bert, [("ids", [None, 6], 13)], "11s 13d 14s1 17d", {}),
    ("wholeTransformer", whole_transformer, [("float", [None, 6, 8]), ("float", [None, 4, 8])], "13d 17s", {}),
    ("attentionWeights", with_weights, FIVE, "13d 17s", {}),
    ("annotated", annotated, WIDE, "11s 13d 17s1", {}),
    ("bahdanau", bahdanau, SERIES, "13d 17s 17s1", {}),
    ("luong", luong, SERIES, "11s 13d 17s1", {}),
    ("weightNormed", weight_normed, ROW, "13d 13su", {}),
    ("logs", logs, ROW, "13d 17s", {}),
    ("gaussian", gaussian, ROW, "13d 17s", {}),
    ("radial", radial, [("float", [None, 4])], "11s 13d", {}),
    ("fourier", fourier, [("float", [None, 3])], "13d", {}),
]
