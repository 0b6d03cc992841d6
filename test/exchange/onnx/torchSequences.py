"""Networks of sequences: recurrent ones, convolutions over time, embeddings."""

import torch
from torch import nn
from torch.nn import functional as F

from torchVectors import Of


def recurrent(cell, take="last", size=5, units=7, out=3, **options):
    """A recurrent layer over [rows, steps, size], and a Linear on the last step, the mean, the last state, or every step."""
    first = options.pop("first", True)
    double = 2 if options.get("bidirectional") else 1

    def run(m, x):
        if not first:
            x = x.transpose(0, 1)
        y, state = m.cell(x)
        steps, dim = (y, 1) if first else (y.transpose(0, 1), 1)
        if take == "last":
            return m.head(y[:, -1, :] if first else y[-1])
        if take == "mean":
            return m.head(steps.mean(dim))
        if take == "max":
            return m.head(steps.max(dim)[0])
        if take == "all":
            return m.head(steps)
        if take == "flat":
            return m.head(steps.reshape(steps.size(0), -1))
        h = state[0] if isinstance(state, tuple) else state
        if take == "states":
            return m.head(torch.cat([h[-2], h[-1]], dim=1))
        return m.head(h[-1])

    width = units * double * (6 if take == "flat" else 1)
    if take == "state":
        width = units
    return lambda: Of(run, cell=cell(size, units, batch_first=first, **options), head=nn.Linear(width, out))


def with_zeros():
    """Tutorials make h0 and c0 themselves."""

    def run(m, x):
        h = torch.zeros(2, x.size(0), 6)
        c = torch.zeros(2, x.size(0), 6)
        y, _ = m.cell(x, (h, c))
        return m.head(y[:, -1, :])

    return Of(run, cell=nn.LSTM(4, 6, 2, batch_first=True), head=nn.Linear(6, 2))


def gru_zeros():
    def run(m, x):
        y, _ = m.cell(x, torch.zeros(1, x.size(0), 6))
        return m.head(F.relu(y[:, -1]))

    return Of(run, cell=nn.GRU(4, 6, batch_first=True), head=nn.Linear(6, 2))


def classifier(cell, **options):
    """Embedding, a recurrent layer, the last step."""

    def run(m, x):
        y, _ = m.cell(m.embedding(x))
        return m.head(y[:, -1])

    double = 2 if options.get("bidirectional") else 1
    return lambda: Of(
        run, embedding=nn.Embedding(20, 6, padding_idx=0), cell=cell(6, 8, batch_first=True, **options), head=nn.Linear(8 * double, 4)
    )


def language():
    """Next tokens: every step through a dropout and a Linear."""

    def run(m, x):
        y, _ = m.cell(m.embedding(x))
        y = m.drop(y)
        return m.head(y)

    return Of(run, embedding=nn.Embedding(17, 6), cell=nn.GRU(6, 9, 2, batch_first=True, dropout=0.2), drop=nn.Dropout(0.3), head=nn.Linear(9, 17))


def language_flat():
    """The same with rows and steps merged for the head, as in PyTorch's word language example."""

    def run(m, x):
        y, _ = m.cell(m.embedding(x))
        y = m.head(y.contiguous().view(-1, 9))
        return y.view(x.size(0), x.size(1), 17)

    return Of(run, embedding=nn.Embedding(17, 6), cell=nn.LSTM(6, 9, batch_first=True), head=nn.Linear(9, 17))


def convolution_then_recurrent():
    def run(m, x):
        y = F.relu(m.conv(x))
        y, _ = m.cell(y.permute(0, 2, 1))
        return m.head(y[:, -1, :])

    return Of(run, conv=nn.Conv1d(3, 6, 3, padding=1), cell=nn.LSTM(6, 5, batch_first=True, bidirectional=True), head=nn.Linear(10, 2))


def embedding_mean():
    return Of(lambda m, x: m.head(m.embedding(x).mean(dim=1)), embedding=nn.Embedding(13, 6), head=nn.Linear(6, 3))


def embedding_sum():
    return Of(lambda m, x: m.head(F.relu(m.embedding(x).sum(1))), embedding=nn.Embedding(13, 6), head=nn.Linear(6, 3, bias=False))


def embedding_bag(mode):
    return lambda: Of(lambda m, x: m.head(m.bag(x)), bag=nn.EmbeddingBag(11, 5, mode=mode), head=nn.Linear(5, 3))


def embedding_flat():
    return nn.Sequential(nn.Embedding(15, 4), nn.Flatten(), nn.Linear(24, 10), nn.Tanh(), nn.Linear(10, 15))


def tables():
    """Columns of categories and of numbers."""

    def run(m, x, ids):
        parts = [table(ids[:, i]) for i, table in enumerate(m.tables)] + [m.norm(x)]
        return m.b(F.relu(m.a(torch.cat(parts, 1))))

    return Of(
        run, tables=nn.ModuleList([nn.Embedding(7, 3), nn.Embedding(4, 2)]), norm=nn.BatchNorm1d(4), a=nn.Linear(9, 10), b=nn.Linear(10, 1),
    )


def text_cnn():
    def run(m, x):
        x = m.embedding(x).permute(0, 2, 1)
        parts = [F.max_pool1d(F.relu(conv(x)), 9 - k).squeeze(2) for k, conv in zip((2, 3, 4), m.convs)]
        return m.head(m.drop(torch.cat(parts, dim=1)))

    return Of(
        run, embedding=nn.Embedding(19, 5), convs=nn.ModuleList([nn.Conv1d(5, 4, k) for k in (2, 3, 4)]), drop=nn.Dropout(0.5), head=nn.Linear(12, 2),
    )


def text_cnn_2d():
    """Kim's: an image of one channel, kernels as wide as the embedding."""

    def run(m, x):
        x = m.embedding(x).unsqueeze(1)
        x = [F.relu(conv(x)).squeeze(3) for conv in m.convs]
        x = [F.max_pool1d(i, 9 - k).squeeze(2) for k, i in zip((2, 3), x)]
        return m.head(torch.cat(x, 1))

    return Of(run, embedding=nn.Embedding(19, 5), convs=nn.ModuleList([nn.Conv2d(1, 3, (k, 5)) for k in (2, 3)]), head=nn.Linear(6, 2))


def text_max():
    """Max over the steps by max()."""

    def run(m, x):
        x = F.relu(m.conv(m.embedding(x).transpose(1, 2)))
        return m.head(torch.max(x, dim=2)[0])

    return Of(run, embedding=nn.Embedding(19, 5), conv=nn.Conv1d(5, 8, 3, padding=1), head=nn.Linear(8, 2))


def signal():
    return nn.Sequential(
        nn.Conv1d(2, 6, 5, stride=2, padding=2), nn.BatchNorm1d(6), nn.ReLU(), nn.MaxPool1d(3, 2, 1), nn.Conv1d(6, 8, 3, bias=False), nn.GELU(), nn.AvgPool1d(2),
        nn.Flatten(), nn.Linear(16, 3),
    )


def signal_mean():
    def run(m, x):
        return m.head(m.pool(F.elu(m.b(F.elu(m.a(x))))).squeeze(-1))

    return Of(run, a=nn.Conv1d(2, 6, 3, padding=1), b=nn.Conv1d(6, 5, 3, groups=1, dilation=2), pool=nn.AdaptiveAvgPool1d(1), head=nn.Linear(5, 2))


def causal_convolutions():
    """TCN: pads on the left, residuals."""

    def run(m, x):
        x = m.a(F.pad(x, (2, 0)))
        y = F.relu(m.b(F.pad(F.relu(x), (4, 0))))
        return m.head((x + y)[:, :, -1])

    return Of(run, a=nn.Conv1d(3, 6, 3), b=nn.Conv1d(6, 6, 3, dilation=2), head=nn.Linear(6, 2))


def signal_autoencoder():
    return nn.Sequential(nn.Conv1d(2, 5, 4, 2, 1), nn.ReLU(), nn.ConvTranspose1d(5, 2, 4, 2, 1))


def signal_up():
    return nn.Sequential(nn.Conv1d(2, 5, 3, 2, 1), nn.ReLU(), nn.Upsample(scale_factor=2), nn.Conv1d(5, 2, 3, padding=1))


def mixer():
    """MLP-Mixer: a Linear over steps between two transposes."""

    def run(m, x):
        y = m.tokens(m.n1(x).transpose(1, 2)).transpose(1, 2)
        x = x + y
        x = x + m.channels(m.n2(x))
        return m.head(x.mean(1))

    two = lambda a, b: nn.Sequential(nn.Linear(a, b), nn.GELU(), nn.Linear(b, a))
    return Of(run, n1=nn.LayerNorm(8), n2=nn.LayerNorm(8), tokens=two(6, 10), channels=two(8, 12), head=nn.Linear(8, 3))


def pooled_attention():
    """Weights of the steps by a softmax over them."""

    def run(m, x):
        y, _ = m.cell(x)
        w = torch.softmax(m.score(torch.tanh(m.hidden(y))), dim=1)
        return m.head((w * y).sum(dim=1))

    return Of(run, cell=nn.GRU(5, 6, batch_first=True, bidirectional=True), hidden=nn.Linear(12, 4), score=nn.Linear(4, 1, bias=False), head=nn.Linear(12, 2))


SERIES = [("float", [None, 6, 5])]
FOUR = [("float", [None, 6, 4])]
IDS = [("ids", [None, 6], 11)]
NETWORKS = [
    ("lstm", recurrent(nn.LSTM), SERIES, "11s 13d 13du 17s 13s1 17s1", {}),
    ("lstm2All", recurrent(nn.LSTM, "all", num_layers=2), SERIES, "11d 13s 17d 13s1", {}),
    ("lstmState", recurrent(nn.LSTM, "state", num_layers=2), SERIES, "13d 17s 13s1", {}),
    ("lstmStepsFirst", recurrent(nn.LSTM, "last", first=False), SERIES, "11s 13d 17s 13s1", {}),
    ("lstmNoBias", recurrent(nn.LSTM, "mean", bias=False), SERIES, "13d", {}),
    ("lstmFlat", recurrent(nn.LSTM, "flat"), SERIES, "13d 17s 13s1", {}),
    ("lstmZeros", with_zeros, FOUR, "11d 13s 17d 13s1", {}),
    ("bilstm", recurrent(nn.LSTM, "last", bidirectional=True), SERIES, "11s 13d 17d 13s1", {}),
    ("bilstmAll", recurrent(nn.LSTM, "all", bidirectional=True), SERIES, "13d", {}),
    ("bilstm2Mean", recurrent(nn.LSTM, "mean", num_layers=2, bidirectional=True), SERIES, "13s 17d 13s1", {}),
    ("bilstmStates", recurrent(nn.LSTM, "states", bidirectional=True), SERIES, "13d 17s 13s1", {}),
    ("bilstm2States", recurrent(nn.LSTM, "states", num_layers=2, bidirectional=True), SERIES, "13s", {}),
    ("bilstmMaxStepsFirst", recurrent(nn.LSTM, "max", first=False, bidirectional=True), SERIES, "13d", {}),
    ("gru", recurrent(nn.GRU), SERIES, "11d 13s 17du 13s1", {}),
    ("gru2StepsFirst", recurrent(nn.GRU, "mean", num_layers=2, first=False), SERIES, "13d 16s", {}),
    ("bigruState", recurrent(nn.GRU, "states", bidirectional=True), SERIES, "13d", {}),
    ("gruZeros", gru_zeros, FOUR, "13d 17s", {}),
    ("rnn", recurrent(nn.RNN), SERIES, "11s 13d 17d 13s1", {}),
    ("rnnState", recurrent(nn.RNN, "state"), SERIES, "13d", {}),
    ("birnn2All", recurrent(nn.RNN, "all", num_layers=2, bidirectional=True), SERIES, "13s", {}),
    ("lstmClassifier", classifier(nn.LSTM), IDS, "11s 13d 17s 13s1", {}),
    ("bigruClassifier", classifier(nn.GRU, bidirectional=True), IDS, "13d", {}),
    ("language", language, IDS, "13s 17d", {}),
    ("languageFlat", language_flat, IDS, "13d 17s 13s1", {}),
    ("convolutionLstm", convolution_then_recurrent, [("float", [None, 3, 7])], "13d 17s", {}),
    ("embeddingMean", embedding_mean, IDS, "11d 13s 17d 13s1", {}),
    ("embeddingSum", embedding_sum, IDS, "13d", {}),
    ("embeddingBag", embedding_bag("mean"), IDS, "11s 13d 17s 13s1", {}),
    ("embeddingBagSum", embedding_bag("sum"), IDS, "13d 16s", {}),
    ("embeddingBagMax", embedding_bag("max"), IDS, "13s", {}),
    ("embeddingFlat", embedding_flat, IDS, "11d 13s 17d", {}),
    ("tables", tables, [("float", [None, 4]), ("ids", [None, 2], 4)], "13d 17s", {}),
    ("textCnn", text_cnn, [("ids", [None, 8], 19)], "11s 13d 17s 13s1", {}),
    ("textCnn2d", text_cnn_2d, [("ids", [None, 8], 19)], "13d 17s", {}),
    ("textMax", text_max, [("ids", [None, 8], 19)], "13d", {}),
    ("signal", signal, [("float", [None, 2, 24])], "11s 13d 17s 13s1", {}),
    ("signalKept", signal, [("float", [None, 2, 24])], "13d", {"preserve": True}),
    ("signalMean", signal_mean, [("float", [None, 2, 12])], "13d 17s", {}),
    ("causalConvolutions", causal_convolutions, [("float", [None, 3, 9])], "11d 13s 17d", {}),
    ("signalAutoencoder", signal_autoencoder, [("float", [None, 2, 12])], "13d 17s", {}),
    ("signalUp", signal_up, [("float", [None, 2, 12])], "11d 13s", {}),
    ("mixer", mixer, [("float", [None, 6, 8])], "13d 16s 17d 13s1", {}),
    ("pooledAttention", pooled_attention, SERIES, "13d 17s 13s1", {}),
]
