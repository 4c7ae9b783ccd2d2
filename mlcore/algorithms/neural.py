"""The multilayer perceptron."""

from __future__ import annotations

from sklearn.neural_network import MLPClassifier, MLPRegressor

from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.params import BoolParam, ChoiceParam, FloatParam, IntParam, LayersParam, Param
from mlcore.tasks import Task

_STOCHASTIC = ("solver", ("adam", "sgd"))

_PARAMS: tuple[Param, ...] = (
    LayersParam(
        name="hidden_layer_sizes",
        label="Hidden layers",
        help=(
            "How many units each hidden layer has, such as 64, 32 for two layers. More units and "
            "layers can follow finer detail, need more rows and take longer. "
            "One layer of 100 is scikit-learn's default."
        ),
        default=(100,),
        basic=True,
        low=1,
        high=512,
        most=5,
    ),
    ChoiceParam(
        name="activation",
        label="Activation",
        help=(
            "The curve that each hidden unit applies. ReLU, the default, trains fast; tanh and "
            "logistic are smooth; identity makes the whole network linear."
        ),
        default="relu",
        basic=True,
        choices={
            "relu": "ReLU",
            "tanh": "Tanh",
            "logistic": "Logistic (sigmoid)",
            "identity": "Identity (none)",
        },
    ),
    ChoiceParam(
        name="solver",
        label="Optimiser",
        help=(
            "How the weights are found. Adam, the default, adapts its step for each weight; "
            "SGD is plain stochastic gradient descent; L-BFGS uses all rows in every step, which "
            "suits small tables, and reports no loss for each epoch."
        ),
        default="adam",
        basic=True,
        choices={"adam": "Adam", "sgd": "SGD", "lbfgs": "L-BFGS"},
    ),
    FloatParam(
        name="learning_rate_init",
        label="Learning rate",
        help=(
            "How far each step moves the weights. Larger values learn faster until they overshoot "
            "and the loss jumps; 0.001 is the default."
        ),
        default=0.001,
        basic=True,
        low=1e-6,
        high=0.5,
        log=True,
        only_if=_STOCHASTIC,
    ),
    IntParam(
        name="max_iter",
        label="Epochs",
        help=(
            "How often training passes over all rows at most (with L-BFGS: the most steps). It "
            "stops earlier when the loss no longer falls; raise it when the run says that it did "
            "not converge."
        ),
        default=500,
        basic=True,
        low=1,
        high=10_000,
    ),
    BoolParam(
        name="early_stopping",
        label="Stop early",
        help=(
            "Sets some training rows aside and stops when the score on them no longer improves, "
            "which prevents overfitting. Off by default, so that no row is lost; "
            "good with a thousand rows or more."
        ),
        default=False,
        basic=True,
        only_if=_STOCHASTIC,
    ),
    FloatParam(
        name="alpha",
        label="L2 penalty (alpha)",
        help=(
            "How much large weights cost. Larger values give a smoother model that follows noise "
            "less; 0.0001 is scikit-learn's default and very weak, so try 1 when the model "
            "overfits."
        ),
        default=1e-4,
        low=0.0,
        high=100.0,
    ),
    IntParam(
        name="batch_size",
        label="Batch size (rows)",
        help=(
            "How many rows each step looks at. Larger batches give calmer and fewer steps; "
            "by default 200, or all rows when there are fewer."
        ),
        default=None,
        none_label="Automatic",
        low=8,
        high=4096,
        only_if=_STOCHASTIC,
    ),
    FloatParam(
        name="validation_fraction",
        label="Share of rows set aside",
        help=(
            "The share of the training rows that decide when to stop. "
            "More rows judge better and leave fewer to learn from; a tenth is the default."
        ),
        default=0.1,
        low=0.05,
        high=0.5,
        only_if=("early_stopping", (True,)),
    ),
    IntParam(
        name="n_iter_no_change",
        label="Patience (epochs)",
        help=(
            "How many epochs without improvement are allowed before training stops. "
            "Larger values train longer; 10 is the default."
        ),
        default=10,
        low=1,
        high=200,
        only_if=_STOCHASTIC,
    ),
    FloatParam(
        name="tol",
        label="Tolerance",
        help=(
            "What counts as an improvement of the loss. "
            "Larger values stop sooner; 0.0001 is the default."
        ),
        default=1e-4,
        low=1e-8,
        high=0.1,
        log=True,
    ),
    ChoiceParam(
        name="learning_rate",
        label="Schedule of the learning rate",
        help=(
            "How the learning rate changes. Constant is the default; falling lowers it with "
            "every step; adaptive divides it by five whenever the loss stops falling."
        ),
        default="constant",
        choices={"constant": "Constant", "invscaling": "Falling", "adaptive": "Adaptive"},
        only_if=("solver", ("sgd",)),
    ),
    FloatParam(
        name="momentum",
        label="Momentum",
        help=(
            "How much of the last step is carried into the next. Larger values roll through small "
            "bumps and may overshoot; 0.9 is the default."
        ),
        default=0.9,
        low=0.0,
        high=0.99,
        only_if=("solver", ("sgd",)),
    ),
    FloatParam(
        name="beta_1",
        label="Adam: memory of the direction",
        help=(
            "How slowly Adam forgets earlier directions. Larger values remember longer; "
            "0.9 is the default and rarely needs a change."
        ),
        default=0.9,
        low=0.0,
        high=0.999,
        only_if=("solver", ("adam",)),
    ),
    FloatParam(
        name="beta_2",
        label="Adam: memory of the size",
        help=(
            "How slowly Adam forgets how large earlier steps were. Larger values remember longer; "
            "0.999 is the default and rarely needs a change."
        ),
        default=0.999,
        low=0.0,
        high=0.9999,
        only_if=("solver", ("adam",)),
    ),
)
_LINES = r"Iteration (?P<step>\d+), loss = (?P<loss>\S+)\n"
_GROWTH = (
    "Twice the rows, columns, units or epochs each take about twice the time; "
    "a layer twice as wide between wide layers takes four times."
)
_REFERENCE = (
    "D. E. Rumelhart, G. E. Hinton, R. J. Williams (1986). Learning representations by "
    "back-propagating errors. Nature 323, 533–536. Adam: D. P. Kingma, J. Ba (2015). ICLR."
)
_FORWARD = r"a^{l}=\phi(W^{l}a^{l-1}+b^{l}),\quad a^0=x"

SPECS: tuple[AlgorithmSpec, ...] = (
    AlgorithmSpec(
        id="mlp",
        name="Multilayer perceptron",
        task=Task.CLASSIFICATION,
        estimator=MLPClassifier,
        params=_PARAMS,
        none_means={"batch_size": "auto"},
        seeded=True,
        scaling=True,
        progress=_LINES,
        steps="max_iter",
        growth=_GROWTH,
        summary=(
            "A small neural network: layers of units that each weigh all inputs and bend the sum, "
            "trained step by step by following the gradient of the log loss."
        ),
        use_when=(
            "There are a thousand rows or more, scaled columns, and smooth relations in which "
            "many columns act together, such as pixels."
        ),
        avoid_when=(
            "There are few rows, the model must be explained, or there is no time to tune: "
            "on ordinary tables forests and boosting are usually easier and as good."
        ),
        maths=(
            r"\begin{aligned}&" + _FORWARD + r",\quad \hat y=\operatorname{softmax}(z^L)"
            r"\ \text{(logistic for two classes)}\\"
            r"&L=-\frac1n\sum_i\ln\hat y_{i,y_i}+\frac{\alpha}{2n}\sum_l\lVert W^l\rVert^2"
            r"\end{aligned}"
        ),
        reference=_REFERENCE,
    ),
    AlgorithmSpec(
        id="mlp",
        name="Multilayer perceptron",
        task=Task.REGRESSION,
        estimator=MLPRegressor,
        params=_PARAMS,
        none_means={"batch_size": "auto"},
        seeded=True,
        scaling=True,
        # Step size and tolerance fit labels of about unit size: with prices around 300,000 the
        # loss would hardly move within the default number of epochs.
        scale_target=True,
        progress=_LINES,
        steps="max_iter",
        growth=_GROWTH,
        summary=(
            "A small neural network: layers of units that each weigh all inputs and bend the sum, "
            "trained step by step by following the gradient of the squared error. "
            "The label is standardised while fitting."
        ),
        use_when=(
            "There are a thousand rows or more, scaled columns, and smooth relations in which "
            "many columns act together."
        ),
        avoid_when=(
            "There are few rows, the model must be explained, or there is no time to tune: "
            "on ordinary tables forests and boosting are usually easier and as good."
        ),
        maths=(
            r"\begin{aligned}&" + _FORWARD + r",\quad \hat y=W^La^{L-1}+b^L\\"
            r"&L=\frac{1}{2n}\sum_i(\hat y_i-y_i)^2+\frac{\alpha}{2n}\sum_l\lVert W^l\rVert^2"
            r"\end{aligned}"
        ),
        reference=_REFERENCE,
    ),
)
