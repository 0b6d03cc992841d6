"""Transformers, and attention as tutorials write it."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from torchVectors import Of


def encoder(size, heads, hidden, layers=1, pre=False, gelu=False, first=True, final=False, mean=True):
    def run(m, x):
        x = m.encoder(x if first else x.transpose(0, 1))
        x = x if first else x.transpose(0, 1)
        return m.head(x.mean(1) if mean else x)

    layer = nn.TransformerEncoderLayer(
        size, heads, hidden, dropout=0, activation="gelu" if gelu else "relu", batch_first=first, norm_first=pre,
    )
    # cloned: every layer begins with the same numbers, which the exporter merges
    norm = nn.LayerNorm(size) if final else None
    return lambda: Of(run, encoder=nn.TransformerEncoder(layer, layers, norm=norm, enable_nested_tensor=False), head=nn.Linear(size, 3))


def masked_encoder():
    """Causal by a float mask of -inf, embeddings and sinusoidal positions, as in PyTorch's tutorial."""

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(11, 8)
            position = torch.arange(6).unsqueeze(1) * torch.exp(torch.arange(0, 8, 2) * (-math.log(10000.0) / 8))
            pe = torch.zeros(1, 6, 8)
            pe[0, :, 0::2], pe[0, :, 1::2] = torch.sin(position), torch.cos(position)
            self.register_buffer("pe", pe)
            layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0, batch_first=True)
            self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
            self.head = nn.Linear(8, 11)
            self.register_buffer("mask", torch.triu(torch.full((6, 6), float("-inf")), 1))

        def forward(self, x):
            x = self.embedding(x) * math.sqrt(8) + self.pe[:, : x.size(1)]
            return self.head(self.encoder(x, mask=self.mask))

    return Model()


def multihead():
    def run(m, x):
        y, _ = m.attention(x, x, x, need_weights=False)
        return m.head(x + y)

    return Of(run, attention=nn.MultiheadAttention(9, 3, batch_first=True), head=nn.Linear(9, 2))


def multihead_cross():
    """Queries of one input, keys and values of another with its own width."""

    def run(m, x, memory):
        y, _ = m.attention(x, memory, memory, need_weights=True)
        return m.head(y)

    return Of(run, attention=nn.MultiheadAttention(8, 2, kdim=5, vdim=5, batch_first=True), head=nn.Linear(8, 2))


def decoder():
    def run(m, x, memory):
        return m.head(m.decoder(x, memory, tgt_mask=m.mask))

    class Decoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.decoder = nn.TransformerDecoderLayer(8, 2, 12, dropout=0, batch_first=True)
            self.head = nn.Linear(8, 3)
            self.register_buffer("mask", torch.triu(torch.full((5, 5), float("-inf")), 1))

        def forward(self, x, memory):
            return run(self, x, memory)

    return Decoder()


class NanoAttention(nn.Module):
    """One Linear for q, k and v, split; a tril buffer; masked_fill by -inf."""

    def __init__(self, size, heads, steps, bias=True, flash=False):
        super().__init__()
        self.c_attn, self.c_proj = nn.Linear(size, 3 * size, bias=bias), nn.Linear(size, size, bias=bias)
        self.n_head, self.n_embd = heads, size
        self.register_buffer("bias", torch.tril(torch.ones(steps, steps)).view(1, 1, steps, steps))

    def forward(self, x):
        B, T, C = x.size()
        q, k, v = self.c_attn(x).split(self.n_embd, dim=2)
        k = k.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        q = q.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        v = v.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
        att = att.masked_fill(self.bias[:, :, :T, :T] == 0, float("-inf"))
        att = F.softmax(att, dim=-1)
        y = att @ v
        y = y.transpose(1, 2).contiguous().view(B, T, C)
        return self.c_proj(y)


class NanoBlock(nn.Module):
    def __init__(self, size, heads, steps, bias, gelu):
        super().__init__()
        self.ln_1, self.attn, self.ln_2 = nn.LayerNorm(size), NanoAttention(size, heads, steps, bias), nn.LayerNorm(size)
        self.mlp = nn.Sequential(nn.Linear(size, 4 * size, bias=bias), gelu, nn.Linear(4 * size, size, bias=bias), nn.Dropout(0.1))

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class NewGelu(nn.Module):
    def forward(self, x):
        return 0.5 * x * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * torch.pow(x, 3.0))))


def nano(size=12, heads=3, steps=6, layers=2, bias=True, gelu=None, tied=False, last=False):
    class Nano(nn.Module):
        def __init__(self):
            super().__init__()
            self.wte, self.wpe = nn.Embedding(11, size), nn.Embedding(steps, size)
            self.blocks = nn.ModuleList([NanoBlock(size, heads, steps, bias, gelu or nn.GELU()) for _ in range(layers)])
            self.ln_f, self.lm_head = nn.LayerNorm(size), nn.Linear(size, 11, bias=False)
            if tied:
                self.lm_head.weight = self.wte.weight

        def forward(self, ids):
            x = self.wte(ids) + self.wpe(torch.arange(0, ids.size(1)))
            for block in self.blocks:
                x = block(x)
            x = self.ln_f(x)
            return self.lm_head(x[:, [-1], :] if last else x)

    return Nano


class Heads(nn.Module):
    """Separate Linears; `style` chooses where the scale and the mask come."""

    def __init__(self, size, heads, steps, style, bias=True, causal=True, width=None):
        super().__init__()
        width = width or size
        self.q, self.k, self.v = (nn.Linear(size, width, bias=bias) for _ in range(3))
        self.o, self.heads, self.style, self.causal, self.depth = nn.Linear(width, size), heads, style, causal, width // heads
        self.register_buffer("tril", torch.tril(torch.ones(steps, steps)))
        self.register_buffer("additive", torch.triu(torch.full((steps, steps), -1e9), 1))

    def forward(self, x, memory=None):
        memory = x if memory is None else memory
        b, t, _ = x.shape
        s = memory.shape[1]
        q = self.q(x).reshape(b, t, self.heads, self.depth).permute(0, 2, 1, 3)
        k = self.k(memory).reshape(b, s, self.heads, self.depth).permute(0, 2, 1, 3)
        v = self.v(memory).reshape(b, s, self.heads, self.depth).permute(0, 2, 1, 3)
        if self.style == "divide":
            scores = torch.matmul(q, k.transpose(-1, -2)) / math.sqrt(self.depth)
        elif self.style == "query":
            scores = torch.matmul(q / math.sqrt(self.depth), k.permute(0, 1, 3, 2))
        elif self.style == "both":
            root = self.depth ** -0.25
            scores = (q * root) @ (k * root).transpose(2, 3)
        else:
            scores = self.depth ** -0.5 * (q @ k.transpose(2, 3))
        if self.causal:
            if self.style == "divide":
                scores = scores.masked_fill(self.tril[:t, :t] == 0, -1e9)
            elif self.style == "query":
                scores = scores + self.additive
            elif self.style == "both":
                scores = torch.where(self.tril[:t, :t].bool(), scores, torch.tensor(float("-inf")))
            else:
                scores = scores.masked_fill(torch.triu(torch.ones(t, t), diagonal=1).bool(), float("-inf"))
        y = torch.matmul(torch.softmax(scores, dim=-1), v)
        return self.o(y.transpose(1, 2).reshape(b, t, self.heads * self.depth))


def heads(style, **options):
    size, steps = options.pop("size", 8), options.pop("steps", 6)
    count = options.pop("heads", 2)

    def run(m, x):
        return m.head(m.norm(x + m.attention(x)))

    return lambda: Of(run, attention=Heads(size, count, steps, style, **options), norm=nn.LayerNorm(size), head=nn.Linear(size, 3))


class Head(nn.Module):
    """A single head of the bigram tutorial: no reshape."""

    def __init__(self, size, width, steps):
        super().__init__()
        self.key, self.query, self.value = (nn.Linear(size, width, bias=False) for _ in range(3))
        self.register_buffer("tril", torch.tril(torch.ones(steps, steps)))

    def forward(self, x):
        B, T, C = x.shape
        k, q = self.key(x), self.query(x)
        wei = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        return F.softmax(wei, dim=-1) @ self.value(x)


def single():
    return Of(lambda m, x: m.head(m.attention(x)), attention=Head(8, 5, 6), head=nn.Linear(5, 3))


def bigram():
    """Several single heads, concatenated."""

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.heads, self.proj = nn.ModuleList([Head(8, 4, 6) for _ in range(2)]), nn.Linear(8, 8)
            self.ff, self.ln1, self.ln2 = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 8)), nn.LayerNorm(8), nn.LayerNorm(8)

        def forward(self, x):
            y = self.ln1(x)
            x = x + self.proj(torch.cat([h(y) for h in self.heads], dim=-1))
            return x + self.ff(self.ln2(x))

    def run(m, ids):
        return m.head(m.block(m.token(ids) + m.position.weight))

    return Of(run, token=nn.Embedding(11, 8), position=nn.Embedding(6, 8), block=Block(), head=nn.Linear(8, 11))


def qkv_permute():
    """timm's attention: one Linear to [3, rows, heads, steps, depth]."""

    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            self.qkv, self.proj = nn.Linear(12, 36), nn.Linear(12, 12)

        def forward(self, x):
            B, N, C = x.shape
            q, k, v = self.qkv(x).reshape(B, N, 3, 3, C // 3).permute(2, 0, 3, 1, 4).unbind(0)
            attn = ((q * (C // 3) ** -0.5) @ k.transpose(-2, -1)).softmax(dim=-1)
            return self.proj((attn @ v).transpose(1, 2).reshape(B, N, C))

    return nn.Sequential(Attention(), nn.LayerNorm(12), nn.Linear(12, 2))


def chunked():
    """q, k, v by chunk(3), heads by view and transpose, no causal mask."""

    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            self.qkv, self.out = nn.Linear(8, 24, bias=False), nn.Linear(8, 8, bias=False)

        def forward(self, x):
            b, n, _ = x.shape
            q, k, v = [t.view(b, n, 4, 2).transpose(1, 2) for t in self.qkv(x).chunk(3, dim=-1)]
            dots = torch.matmul(q, k.transpose(-1, -2)) * 2 ** -0.5
            out = torch.matmul(dots.softmax(dim=-1), v)
            return self.out(out.transpose(1, 2).contiguous().view(b, n, 8))

    return Of(lambda m, x: m.head((x + m.attention(m.norm(x))).mean(1)), norm=nn.LayerNorm(8), attention=Attention(), head=nn.Linear(8, 2))


def cross_block():
    """Self-attention, cross-attention and feed-forward, by hand."""

    def run(m, x, memory):
        x = m.n1(x + m.self_attention(x))
        x = m.n2(x + m.cross(x, memory))
        return m.head(m.n3(x + m.b(F.relu(m.a(x)))))

    return Of(
        run, self_attention=Heads(8, 2, 6, "divide"), cross=Heads(8, 4, 6, "left", causal=False, bias=False), n1=nn.LayerNorm(8), n2=nn.LayerNorm(8),
        n3=nn.LayerNorm(8), a=nn.Linear(8, 14), b=nn.Linear(14, 8), head=nn.Linear(8, 2),
    )


class GptOld(nn.Module):
    """Weights that are multiplied from the left, as GPT-2's Conv1D."""

    def __init__(self):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.randn(8, 6) * 0.3), nn.Parameter(torch.randn(6) * 0.3)
        self.out = nn.Linear(6, 2)

    def forward(self, x):
        y = torch.addmm(self.bias, x.view(-1, 8), self.weight)
        return self.out(F.gelu(y.view(x.size(0), x.size(1), 6)))


SERIES = [("float", [None, 6, 8])]
IDS = [("ids", [None, 6], 11)]
NETWORKS = [
    ("encoder", encoder(8, 2, 16), SERIES, "11s 13d 13du 16s 17d 13s1 17s1", {}),
    ("encoderGelu", encoder(8, 4, 12, gelu=True), SERIES, "11d 13s 17d", {}),
    ("encoderPre", encoder(8, 2, 16, pre=True), SERIES, "13d 14s 17d", {}),
    ("encoderPreGelu2", encoder(8, 1, 16, layers=2, pre=True, gelu=True, final=True, mean=False), SERIES, "13s 17d 13s1", {}),
    ("encoder2", encoder(12, 3, 20, layers=2), [("float", [None, 5, 12])], "13d 17s", {}),
    ("encoder2AsNew", encoder(12, 3, 20, layers=2, mean=False), [("float", [None, 5, 12])], "13s 16d", {"shake": False}),
    ("encoderStepsFirst", encoder(8, 2, 16, first=False), SERIES, "13d 17s 13s1", {}),
    ("encoderPreStepsFirst2", encoder(8, 2, 16, layers=2, pre=True, gelu=True, first=False, mean=False), SERIES, "11s 13d", {}),
    ("encoderCausal", masked_encoder, IDS, "13s 17d 13s1", {}),
    ("multihead", multihead, [("float", [None, 4, 9])], "11s 13d 17s 13s1", {}),
    ("multiheadCross", multihead_cross, [("float", [None, 4, 8]), ("float", [None, 7, 5])], "13d 17s 13s1", {}),
    ("decoder", decoder, [("float", [None, 5, 8]), ("float", [None, 7, 8])], "13d 17s 13s1", {}),
    ("nano", nano(), IDS, "11s 13d 13du 16s 17d 13s1 17s1", {}),
    ("nanoNoBias", nano(10, 2, layers=1, bias=False, gelu=NewGelu()), IDS, "13s 17d", {}),
    ("nanoTied", nano(8, 4, layers=1, tied=True), IDS, "13d 17s", {}),
    ("nanoLast", nano(12, 1, layers=1, last=True), IDS, "13s 17d", {}),
    ("headsDivide", heads("divide"), SERIES, "11d 13s 17d 13s1", {}),
    ("headsQuery", heads("query", size=9, heads=3, steps=5), [("float", [None, 5, 9])], "13d 17s 13s1", {}),
    ("headsBoth", heads("both", bias=False), SERIES, "13d 17s", {}),
    ("headsLeft", heads("left", width=12, heads=3), SERIES, "14s 16d", {}),
    ("headsOpen", heads("divide", causal=False), SERIES, "13d 17s", {}),
    ("headsOpenQuery", heads("query", causal=False, heads=1), SERIES, "13d", {}),
    ("singleHead", single, SERIES, "11s 13d 17d 13s1", {}),
    ("bigram", bigram, IDS, "13d 17s 13s1", {}),
    ("qkvPermute", qkv_permute, [("float", [None, 5, 12])], "13d 17s 13s1", {}),
    ("chunked", chunked, SERIES, "13d 17s 13s1", {}),
    ("crossBlock", cross_block, [("float", [None, 6, 8]), ("float", [None, 4, 8])], "13d 17s 13s1", {}),
    ("addmm", GptOld, SERIES, "13d 17s 13s1", {}),
]
