"""Networks of images."""

import torch
from torch import nn
from torch.nn import functional as F

from torchVectors import Of


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(16 * 5 * 5, 30), nn.ReLU(), nn.Linear(30, 20), nn.ReLU(), nn.Linear(20, 10),
    )


def lenet_view():
    """As tutorials flatten: by view(-1, n), or view(x.size(0), -1)."""

    def run(m, x):
        x = F.max_pool2d(F.relu(m.a(x)), 2)
        x = F.avg_pool2d(torch.tanh(m.b(x)), 2)
        x = x.view(-1, 8 * 2 * 2)
        x = F.dropout(F.relu(m.c(x)), training=m.training)
        return F.log_softmax(m.d(x), dim=1)

    return Of(run, a=nn.Conv2d(2, 5, 3), b=nn.Conv2d(5, 8, (3, 2), bias=False), c=nn.Linear(32, 11), d=nn.Linear(11, 4))


def flat_size():
    def run(m, x):
        x = F.relu(m.a(x))
        return m.c(x.view(x.size(0), -1))

    return Of(run, a=nn.Conv2d(3, 4, 3, stride=2, padding=1), c=nn.Linear(4 * 4 * 3, 5, bias=False))


class Basic(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o)
        self.conv2, self.bn2 = nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o)
        self.short = None
        if stride != 1 or i != o:
            self.short = nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.short is None else self.short(x)))


class Bottleneck(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        mid = o // 4
        self.conv1, self.bn1 = nn.Conv2d(i, mid, 1, bias=False), nn.BatchNorm2d(mid)
        self.conv2, self.bn2 = nn.Conv2d(mid, mid, 3, stride, 1, bias=False), nn.BatchNorm2d(mid)
        self.conv3, self.bn3 = nn.Conv2d(mid, o, 1, bias=False), nn.BatchNorm2d(o)
        self.short = nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn3(self.conv3(F.relu(self.bn2(self.conv2(y)))))
        return F.relu(self.short(x) + y)


def resnet(block, width=8):
    def run(m, x):
        x = F.max_pool2d(F.relu(m.bn(m.stem(x))), 3, 2, 1)
        x = m.avg(m.blocks(x))
        return m.fc(torch.flatten(x, 1))

    return lambda: Of(
        run, stem=nn.Conv2d(3, width, 7, 2, 3, bias=False), bn=nn.BatchNorm2d(width),
        blocks=nn.Sequential(block(width, width, 1), block(width, 2 * width, 2), block(2 * width, 2 * width, 1)),
        avg=nn.AdaptiveAvgPool2d(1), fc=nn.Linear(2 * width, 5),
    )


def preactivation():
    """Batch norms in front of the convolutions aren't folded."""

    def run(m, x):
        x = m.a(x)
        x = x + m.c(F.relu(m.n2(m.b(F.relu(m.n1(x))))))
        return m.d(F.relu(m.n3(x)).mean([2, 3]))

    return Of(
        run, a=nn.Conv2d(3, 6, 3, padding=1), n1=nn.BatchNorm2d(6), b=nn.Conv2d(6, 9, 1), n2=nn.BatchNorm2d(9),
        c=nn.Conv2d(9, 6, 3, padding=1), n3=nn.BatchNorm2d(6), d=nn.Linear(6, 3),
    )


def vgg():
    layers, i = [], 3
    for o in (6, "pool", 10, 10, "pool"):
        if o == "pool":
            layers += [nn.MaxPool2d(2, 2)]
        else:
            layers += [nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU(inplace=True)]
            i = o
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d((2, 3)), nn.Flatten(), nn.Linear(60, 16), nn.ReLU(), nn.Dropout(), nn.Linear(16, 4))


def mobilenet():
    def block(i, o, stride):
        return nn.Sequential(
            nn.Conv2d(i, 3 * i, 1, bias=False), nn.BatchNorm2d(3 * i), nn.ReLU6(), nn.Conv2d(3 * i, 3 * i, 3, stride, 1, groups=3 * i, bias=False),
            nn.BatchNorm2d(3 * i), nn.ReLU6(), nn.Conv2d(3 * i, o, 1, bias=False), nn.BatchNorm2d(o),
        )

    def run(m, x):
        x = m.stem(x)
        x = x + m.a(x)
        x = m.b(x)
        return m.head(F.adaptive_avg_pool2d(x, 1).reshape(x.shape[0], -1))

    return Of(
        run, stem=nn.Sequential(nn.Conv2d(3, 6, 3, 2, 1, bias=False), nn.BatchNorm2d(6), nn.ReLU6()), a=block(6, 6, 1), b=block(6, 10, 2),
        head=nn.Sequential(nn.Dropout(0.2), nn.Linear(10, 4)),
    )


def mobilenet3():
    """Hardswish, squeeze and excitation with Hardsigmoid."""

    def run(m, x):
        x = F.hardswish(m.a(x))
        y = F.hardswish(m.depth(x))
        s = F.adaptive_avg_pool2d(y, 1)
        s = F.hardsigmoid(m.up(F.relu(m.down(s))))
        return m.head((x + m.point(s * y)).mean((2, 3)))

    return Of(
        run, a=nn.Conv2d(3, 8, 3, 2, 1), depth=nn.Conv2d(8, 8, 5, 1, 2, groups=8), down=nn.Conv2d(8, 4, 1), up=nn.Conv2d(4, 8, 1), point=nn.Conv2d(8, 8, 1),
        head=nn.Linear(8, 3),
    )


def squeeze_excite():
    """With Linear and view(n, c, 1, 1)."""

    def run(m, x):
        x = F.relu(m.a(x))
        n, c, _, _ = x.size()
        s = m.pool(x).view(n, c)
        s = m.fc(s).view(n, c, 1, 1)
        return m.head(torch.flatten(F.max_pool2d(x * s.expand_as(x), 2), 1))

    fc = nn.Sequential(nn.Linear(8, 2, bias=False), nn.ReLU(inplace=True), nn.Linear(2, 8, bias=False), nn.Sigmoid())
    return Of(run, a=nn.Conv2d(3, 8, 3), pool=nn.AdaptiveAvgPool2d(1), fc=fc, head=nn.Linear(8 * 3 * 4, 3))


def spatial_attention():
    """CBAM's other half: mean and max over the channels."""

    def run(m, x):
        x = F.relu(m.a(x))
        s = torch.cat([x.mean(dim=1, keepdim=True), x.max(dim=1, keepdim=True)[0]], dim=1)
        return m.head((x * torch.sigmoid(m.s(s))).mean([2, 3]))

    return Of(run, a=nn.Conv2d(3, 6, 3, padding=1), s=nn.Conv2d(2, 1, 5, padding=2, bias=False), head=nn.Linear(6, 2))


def autoencoder():
    return nn.Sequential(
        nn.Conv2d(1, 6, 3, 2, 1), nn.ReLU(), nn.Conv2d(6, 9, 3, 2, 1), nn.ReLU(),
        nn.ConvTranspose2d(9, 6, 3, 2, 1, output_padding=1), nn.ReLU(), nn.ConvTranspose2d(6, 1, 3, 2, 1, 1), nn.Sigmoid(),
    )


def autoencoder_flat():
    """Through a vector: Flatten, Linear, and back by a view."""
    return nn.Sequential(
        nn.Conv2d(2, 5, 4, 2, 1), nn.LeakyReLU(0.1), nn.Flatten(), nn.Linear(5 * 4 * 3, 7), nn.Linear(7, 5 * 4 * 3), nn.ReLU(), Of(lambda m, x: x.view(-1, 5, 4, 3)),
        nn.ConvTranspose2d(5, 2, 4, 2, 1, bias=False), nn.Tanh(),
    )


def generator():
    """DCGAN's: transposed convolutions with batch norms from 1x1."""
    return nn.Sequential(
        nn.ConvTranspose2d(6, 8, 4, 1, 0, bias=False), nn.BatchNorm2d(8), nn.ReLU(True), nn.ConvTranspose2d(8, 4, 4, 2, 1, bias=False), nn.BatchNorm2d(4),
        nn.ReLU(True), nn.ConvTranspose2d(4, 3, 4, 2, 1, bias=False), nn.Tanh(),
    )


def unet():
    def double(i, o):
        return nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU(), nn.Conv2d(o, o, 3, padding=1), nn.ReLU())

    def run(m, x):
        a = m.a(x)
        b = m.b(F.max_pool2d(a, 2))
        c = m.c(F.max_pool2d(b, 2))
        y = m.d(torch.cat([F.interpolate(c, scale_factor=2, mode="nearest"), b], 1))
        return m.out(m.e(torch.cat([a, m.up(y)], 1)))

    return Of(
        run, a=double(2, 4), b=double(4, 6), c=double(6, 8), d=double(14, 6), up=nn.ConvTranspose2d(6, 4, 2, 2), e=double(8, 4), out=nn.Conv2d(4, 1, 1),
    )


def densenet():
    def layer(i):
        return nn.Sequential(nn.BatchNorm2d(i), nn.ReLU(), nn.Conv2d(i, 4, 3, padding=1, bias=False))

    def run(m, x):
        features = [m.stem(x)]
        for part in m.layers:
            features.append(part(torch.cat(features, 1)))
        x = F.avg_pool2d(m.transition(torch.cat(features, 1)), 2)
        return m.fc(torch.flatten(F.adaptive_avg_pool2d(F.relu(x), (1, 1)), 1))

    return Of(
        run, stem=nn.Conv2d(3, 5, 3, padding=1), layers=nn.ModuleList([layer(5), layer(9), layer(13)]), transition=nn.Conv2d(17, 8, 1), fc=nn.Linear(8, 3),
    )


def inception():
    def run(m, x):
        x = torch.cat([m.a(x), m.b(x), m.c(x), m.d(F.avg_pool2d(x, 3, 1, 1))], 1)
        return m.fc(torch.flatten(F.max_pool2d(F.relu(x), 3, 2), 1))

    return Of(
        run, a=nn.Conv2d(3, 2, 1), b=nn.Sequential(nn.Conv2d(3, 2, 1), nn.Conv2d(2, 4, (1, 3), padding=(0, 1)), nn.Conv2d(4, 3, (3, 1), padding=(1, 0))),
        c=nn.Conv2d(3, 4, 5, padding=2), d=nn.Conv2d(3, 2, 1), fc=nn.Linear(11 * 3 * 4, 4),
    )


def average_pools():
    def run(m, x):
        x = F.avg_pool2d(m.a(x), 3, 2, 1)
        x = F.avg_pool2d(m.b(x), 3, 1, 1, count_include_pad=False)
        return m.c(torch.flatten(F.max_pool2d(x, (2, 1)), 1))

    return Of(run, a=nn.Conv2d(3, 5, 3), b=nn.Conv2d(5, 4, 2), c=nn.Linear(4 * 1 * 4, 3))


def image_norms(make, size=6):
    return lambda: nn.Sequential(nn.Conv2d(3, size, 3, padding=1), make(), nn.ReLU(), nn.Conv2d(size, 2, 3))


def padded():
    """Pads of their own, and uneven ones."""

    def run(m, x):
        x = m.a(F.pad(x, (1, 2, 0, 1)))
        x = m.pad(F.relu(x))
        return m.b(x)[:, :, 1:-1, :-2]

    return Of(run, a=nn.Conv2d(3, 4, 3, stride=2), pad=nn.ZeroPad2d(1), b=nn.Conv2d(4, 2, 3))


def dilated():
    return nn.Sequential(nn.Conv2d(2, 6, 3, padding=2, dilation=2), nn.ReLU(), nn.Conv2d(6, 6, 3, groups=2, stride=2), nn.ReLU(), nn.Conv2d(6, 3, 1))


def segmentation():
    """A softmax over channels."""
    return nn.Sequential(nn.Conv2d(3, 6, 3, padding=1), nn.ELU(), nn.Conv2d(6, 4, 1), nn.Softmax(dim=1))


def image_scale():
    """Means and deviations of the channels, as buffers."""

    class Scaled(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
            self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))
            self.a, self.b = nn.Conv2d(3, 4, 3), nn.Linear(4, 2)

        def forward(self, x):
            x = (x / 255 - self.mean) / self.std
            return self.b(F.adaptive_max_pool2d(F.silu(self.a(x)), 1).squeeze(-1).squeeze(-1))

    return Scaled()


def convnext():
    """Depthwise, LayerNorm over the channels, a channel scale."""

    class Block(nn.Module):
        def __init__(self, size):
            super().__init__()
            self.depth = nn.Conv2d(size, size, 7, padding=3, groups=size)
            self.norm, self.a, self.b = nn.LayerNorm(size, eps=1e-6), nn.Linear(size, 4 * size), nn.Linear(4 * size, size)
            self.gamma = nn.Parameter(0.5 * torch.ones(size))

        def forward(self, x):
            y = self.depth(x).permute(0, 2, 3, 1)
            y = self.gamma * self.b(F.gelu(self.a(self.norm(y))))
            return x + y.permute(0, 3, 1, 2)

    return nn.Sequential(nn.Conv2d(3, 6, 2, 2), Block(6), Block(6), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 3))


def vit():
    """Patches by a convolution, a class token, positions, one encoder layer."""

    class Vit(nn.Module):
        def __init__(self):
            super().__init__()
            self.patch = nn.Conv2d(3, 12, 4, 4)
            self.token, self.position = nn.Parameter(torch.randn(1, 1, 12)), nn.Parameter(torch.randn(1, 7, 12))
            self.layer = nn.TransformerEncoderLayer(12, 3, 24, dropout=0, activation="gelu", batch_first=True, norm_first=True)
            self.norm, self.head = nn.LayerNorm(12), nn.Linear(12, 4)

        def forward(self, x):
            x = self.patch(x).flatten(2).transpose(1, 2)
            x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], dim=1) + self.position
            return self.head(self.norm(self.layer(x))[:, 0])

    return Vit()


def shuffle():
    """PixelShuffle upsampling."""
    return nn.Sequential(nn.Conv2d(1, 6, 3, padding=1), nn.ReLU(), nn.Conv2d(6, 8, 3, padding=1), nn.PixelShuffle(2))


def image(c, h, w):
    return [("float", [None, c, h, w])]


KEPT = {"preserve": True}
NETWORKS = [
    ("lenet", lenet, image(1, 28, 28), "11s 13d 16du 17s 13s1 17s1", {}),
    ("lenetView", lenet_view, image(2, 16, 12), "11d 13s 17du 13s1", {}),
    ("flatSize", flat_size, image(3, 8, 6), "11s 13d 13du 17s 13s1 13su", {}),
    ("resnetBasic", resnet(Basic), image(3, 32, 24), "11d 13s 17d 11s1 17s1", {}),
    ("resnetBottleneck", resnet(Bottleneck), image(3, 24, 32), "13d 16s", {}),
    ("resnetKept", resnet(Basic, 6), image(3, 24, 24), "11s 13d 16s 17d 13s1", KEPT),
    ("resnetBottleneckKept", resnet(Bottleneck, 4), image(3, 20, 28), "14d", KEPT),
    ("preactivation", preactivation, image(3, 7, 9), "11d 13s 17d", {}),
    ("vgg", vgg, image(3, 16, 24), "13d 17s", {}),
    ("vggKept", vgg, image(3, 16, 24), "13s", KEPT),
    ("mobilenet", mobilenet, image(3, 16, 20), "11s 13d 17s 13s1", {}),
    ("mobilenetKept", mobilenet, image(3, 16, 20), "13d", KEPT),
    ("mobilenet3", mobilenet3, image(3, 16, 12), "13d 14s 17s", {}),
    ("squeezeExcite", squeeze_excite, image(3, 9, 11), "11d 13s 17d 13s1", {}),
    ("spatialAttention", spatial_attention, image(3, 8, 7), "13d 17s", {}),
    ("autoencoder", autoencoder, image(1, 16, 12), "11d 13s 17d 13s1", {}),
    ("autoencoderFlat", autoencoder_flat, image(2, 8, 6), "13d 16s 13s1", {}),
    ("generator", generator, image(6, 1, 1), "13s 17d 13s1", {}),
    ("generatorKept", generator, image(6, 1, 1), "13d", KEPT),
    ("unet", unet, image(2, 16, 12), "11s 13d 17s 13s1", {}),
    ("densenet", densenet, image(3, 8, 10), "11s 13d 17s 13s1", {}),
    ("densenetKept", densenet, image(3, 8, 10), "13s", KEPT),
    ("inception", inception, image(3, 7, 9), "11s 13d 17d 13s1", {}),
    ("averagePools", average_pools, image(3, 10, 12), "11s 13d 16s 17d", {}),
    ("groupNorm", image_norms(lambda: nn.GroupNorm(3, 6)), image(3, 6, 7), "11s 13d 13du 16s 17d 13s1", {}),
    ("groupNormOne", image_norms(lambda: nn.GroupNorm(1, 6, eps=1e-3)), image(3, 6, 7), "13d 17s", {}),
    ("groupNormPlain", image_norms(lambda: nn.GroupNorm(2, 6, affine=False)), image(3, 6, 7), "13d 17s", {}),
    ("instanceNorm", image_norms(lambda: nn.InstanceNorm2d(6, affine=True)), image(3, 6, 7), "11d 13s 17d", {}),
    ("instanceNormPlain", image_norms(lambda: nn.InstanceNorm2d(6)), image(3, 6, 7), "13d 17s", {}),
    ("layerNormImage", image_norms(lambda: nn.LayerNorm([6, 5, 7])), image(3, 5, 7), "13d 17s", {}),
    ("layerNormRows", image_norms(lambda: nn.LayerNorm([5, 7])), image(3, 5, 7), "13s 17d", {}),
    ("localResponse", image_norms(lambda: nn.LocalResponseNorm(3)), image(3, 6, 7), "11s 13d 17s 13s1", {}),
    ("localResponseWide", image_norms(lambda: nn.LocalResponseNorm(5, 2e-3, 0.5, 2.0), 8), image(3, 6, 7), "13s 16d", {}),
    ("localResponseEven", image_norms(lambda: nn.LocalResponseNorm(4, 1e-2), 7), image(3, 6, 7), "13d 17s1", {}),
    ("imagePrelu", image_norms(lambda: nn.PReLU(6)), image(3, 6, 7), "11s 13d", {}),
    ("padded", padded, image(3, 8, 9), "11d 13s 17d", {}),
    ("dilated", dilated, image(2, 9, 11), "13d 17s", {}),
    ("segmentation", segmentation, image(3, 5, 8), "11s 13d 17s 11s1", {}),
    ("imageScale", image_scale, image(3, 8, 7), "11d 13s 17d", {}),
    ("convnext", convnext, image(3, 12, 16), "13d 16s 17d 13s1", {}),
    ("vit", vit, image(3, 8, 12), "13d 14s 17d 17s1", {}),
    ("pixelShuffle", shuffle, image(1, 5, 6), "11s 13d", {}),
]
