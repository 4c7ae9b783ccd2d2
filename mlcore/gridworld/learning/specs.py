"""The declarations of all agents."""

from __future__ import annotations

from functools import partial
from typing import Any

from mlcore.gridworld.learning.agent import Agent
from mlcore.gridworld.learning.dyna import DynaQ
from mlcore.gridworld.learning.monte_carlo import MonteCarlo
from mlcore.gridworld.learning.n_step import NStepSarsa
from mlcore.gridworld.learning.policy_gradient import ActorCritic, Reinforce
from mlcore.gridworld.learning.running import run_agent
from mlcore.gridworld.learning.temporal_difference import (
    TD0,
    DoubleQLearning,
    ExpectedSarsa,
    QLearning,
    Sarsa,
)
from mlcore.gridworld.learning.traces import SarsaLambda
from mlcore.gridworld.spec import Family, MethodSpec
from mlcore.params import BoolParam, ChoiceParam, FloatParam, IntParam, Param

_BOOK = "R. S. Sutton and A. G. Barto (2018), Reinforcement Learning, 2nd edition, "

_ALPHA = FloatParam(
    name="alpha",
    label="Step size (alpha)",
    help=(
        "How far an estimate moves towards what was just seen. Larger: learns faster, but never "
        "settles where chance plays a part."
    ),
    default=0.1,
    low=1e-5,
    high=1.0,
    log=True,
    basic=True,
    only_if=("step_size", ("constant",)),
)
_STEP_SIZE = ChoiceParam(
    name="step_size",
    label="Step size over time",
    help=(
        "Always the same keeps learning and keeps wavering. The sample average makes the n-th "
        "update of an estimate by 1/n: it settles, but forgets its first errors slowly."
    ),
    default="constant",
    choices={"constant": "Always the same", "average": "1/n, the sample average"},
)
_EPSILON = FloatParam(
    name="epsilon",
    label="Exploring (epsilon)",
    help=(
        "The share of actions that are taken by chance, whatever seems best. 0 never tries "
        "anything new; 1 acts by chance alone."
    ),
    default=0.1,
    low=0.0,
    high=1.0,
    least=1e-6,
    basic=True,
)
_DECAY = ChoiceParam(
    name="epsilon_decay",
    label="Exploring over time",
    help="Whether to explore less and less, down to nothing in the last episode.",
    default="none",
    choices={"none": "Always the same", "linear": "Falls evenly to 0"},
)
_INITIAL = FloatParam(
    name="initial_value",
    label="First guess",
    help=(
        "What everything is taken to be worth at first. A guess that is too good makes the agent "
        "try everything until it knows better."
    ),
    default=0.0,
    low=-1e6,
    high=1e6,
)
_CONTROL: tuple[Param, ...] = (_ALPHA, _EPSILON, _STEP_SIZE, _DECAY, _INITIAL)

_ALPHA_VALUE = FloatParam(
    name="alpha_value",
    label="Step size of the values",
    help=(
        "How far the value of a state moves towards what was just seen. The values tell better "
        "than expected from worse than expected, so they should learn faster than the preferences."
    ),
    default=0.1,
    low=1e-5,
    high=1.0,
    log=True,
    basic=True,
)


def _preference_step(default: float) -> FloatParam:
    return FloatParam(
        name="alpha",
        label="Step size of the preferences (alpha)",
        help=(
            "How far preferences move with what was earned. It goes with the size of the returns: "
            "the larger these are, the smaller it must be."
        ),
        default=default,
        low=1e-6,
        high=10.0,
        log=True,
        basic=True,
    )


_MOST_CHANGE = FloatParam(
    name="most_change",
    label="Largest change of a preference at once",
    help=(
        "Large rewards push preferences so far at once that one action is certain for ever, best "
        "or not. A larger push is cut off here. Without a limit it is the plain method."
    ),
    default=1.0,
    low=0.01,
    high=100.0,
    none_label="No limit",
)
_FROM_START = BoolParam(
    name="from_start",
    label="Count what is earned from the start only",
    help=(
        "Whether what is learnt t steps into an episode counts discount^t, which is the exact "
        "gradient of the return from the start. Without it, late steps of long episodes count as "
        "much as early ones, and most worlds are learnt far faster. No difference at discount 1."
    ),
    default=False,
)


def _spec(kind: type[Agent], **words: Any) -> MethodSpec:
    run = partial(run_agent, kind)
    return MethodSpec(family=Family.LEARNING, run=run, estimates=kind.estimates, **words)


MONTE_CARLO = _spec(
    MonteCarlo,
    id="monte_carlo",
    name="Monte Carlo control",
    params=(
        _ALPHA,
        _EPSILON,
        BoolParam(
            name="exploring_starts",
            label="Begin anywhere",
            help=(
                "Episodes begin in any cell with any action, so that everything is tried even "
                "without exploring later on."
            ),
            default=False,
            basic=True,
        ),
        _STEP_SIZE,
        _DECAY,
        _INITIAL,
    ),
    summary=(
        "Waits until the episode is over, and moves what each action is worth towards everything "
        "that followed when it was first taken."
    ),
    use_when=(
        "Episodes are short and surely end. It makes no guess from a guess, so nothing is wrong "
        "for long."
    ),
    avoid_when=(
        "Episodes are long or may never end: nothing is learnt before the end, and long sums "
        "waver much."
    ),
    maths=(
        r"G_t=R_{t+1}+\gamma R_{t+2}+\dots+\gamma^{T-t-1}R_T,\qquad "
        r"Q(S_t,A_t)\leftarrow Q(S_t,A_t)+\alpha\,[G_t-Q(S_t,A_t)]"
        r"\ \text{at the first visit of}\ (S_t,A_t)"
    ),
    reference=_BOOK + "sections 5.3 (exploring starts) and 5.4 (first visit, epsilon-soft).",
)

TD_ZERO = _spec(
    TD0,
    id="td0",
    name="TD(0) prediction",
    params=(_ALPHA, _STEP_SIZE, _INITIAL),
    summary=(
        "Acts by chance alone, and learns what each state is worth to who does so, from the guess "
        "for the next state."
    ),
    use_when="To see how values spread backwards, and to compare them with the exact ones.",
    avoid_when="A good policy is wanted: it does not look for one.",
    maths=r"V(S_t)\leftarrow V(S_t)+\alpha\,[R_{t+1}+\gamma V(S_{t+1})-V(S_t)]",
    reference=_BOOK + "section 6.1.",
)

SARSA = _spec(
    Sarsa,
    id="sarsa",
    name="SARSA",
    params=_CONTROL,
    summary=(
        "Learns what actions are worth when it goes on as it does, exploring included; so it "
        "keeps away from places where a slip of its own would cost much."
    ),
    use_when="What is earned while learning matters.",
    avoid_when="The best policy without exploring is wanted while exploring goes on.",
    maths=(
        r"Q(S_t,A_t)\leftarrow Q(S_t,A_t)+\alpha\,[R_{t+1}+\gamma Q(S_{t+1},A_{t+1})-Q(S_t,A_t)]"
    ),
    reference=_BOOK + "section 6.4.",
)

EXPECTED_SARSA = _spec(
    ExpectedSarsa,
    id="expected_sarsa",
    name="Expected SARSA",
    params=_CONTROL,
    summary=(
        "As SARSA, but with the mean over all next actions in place of the one that chance drew; "
        "so it wavers less and bears larger steps."
    ),
    use_when="In place of SARSA nearly always; it costs little more.",
    avoid_when="There are very many actions, over which the mean takes long.",
    maths=(
        r"Q(S_t,A_t)\leftarrow Q(S_t,A_t)+\alpha\,\Bigl[R_{t+1}+\gamma\sum_a\pi(a\mid S_{t+1})"
        r"Q(S_{t+1},a)-Q(S_t,A_t)\Bigr]"
    ),
    reference=_BOOK + "section 6.6.",
)

Q_LEARNING = _spec(
    QLearning,
    id="q_learning",
    name="Q-learning",
    params=_CONTROL,
    summary=(
        "Learns what actions are worth when the best follows, whatever it does itself; so it finds "
        "the best policy while it explores."
    ),
    use_when="The best policy is wanted, and mistakes while learning cost nothing.",
    avoid_when=(
        "What is earned while learning matters, or rewards waver so much that the largest guess "
        "is mostly the luckiest."
    ),
    maths=(
        r"Q(S_t,A_t)\leftarrow Q(S_t,A_t)+\alpha\,[R_{t+1}+\gamma\max_aQ(S_{t+1},a)-Q(S_t,A_t)]"
    ),
    reference=(
        "C. J. C. H. Watkins and P. Dayan (1992), Q-learning, Machine Learning 8, 279-292; "
        + _BOOK
        + "section 6.5."
    ),
)

DOUBLE_Q_LEARNING = _spec(
    DoubleQLearning,
    id="double_q_learning",
    name="Double Q-learning",
    params=_CONTROL,
    summary=(
        "Keeps two tables: one says which action is best, the other what that is worth. Luck in "
        "one is not luck in the other, so nothing is overrated for being lucky."
    ),
    use_when="Rewards waver much, and Q-learning runs after what was only lucky.",
    avoid_when="Rewards hardly waver: each table sees half of the steps and learns more slowly.",
    maths=(
        r"Q_1(S_t,A_t)\leftarrow Q_1(S_t,A_t)+\alpha\,[R_{t+1}+\gamma Q_2(S_{t+1},"
        r"\arg\max_aQ_1(S_{t+1},a))-Q_1(S_t,A_t)],\ \text{or with}\ Q_1\ \text{and}\ Q_2\ "
        r"\text{exchanged, half of the time each}"
    ),
    reference=(
        "H. van Hasselt (2010), Double Q-learning, Advances in Neural Information Processing "
        "Systems 23; " + _BOOK + "section 6.7."
    ),
)

N_STEP_SARSA = _spec(
    NStepSarsa,
    id="n_step_sarsa",
    name="n-step SARSA",
    params=(
        IntParam(
            name="n",
            label="Steps (n)",
            help=(
                "How many rewards are seen before an action is judged. 1 is SARSA; very many is "
                "Monte Carlo. In between it often learns fastest."
            ),
            default=4,
            low=1,
            high=100,
            basic=True,
        ),
        *_CONTROL,
    ),
    summary="Waits a few steps, and judges an action by the rewards of all of them.",
    use_when="Rewards come late, and one-step learning carries them back too slowly.",
    avoid_when="Steps are very uncertain: the sum of many wavers much.",
    maths=(
        r"G_{t:t+n}=R_{t+1}+\dots+\gamma^{n-1}R_{t+n}+\gamma^nQ(S_{t+n},A_{t+n}),\qquad "
        r"Q(S_t,A_t)\leftarrow Q(S_t,A_t)+\alpha\,[G_{t:t+n}-Q(S_t,A_t)]"
    ),
    reference=_BOOK + "section 7.2.",
)

SARSA_LAMBDA = _spec(
    SarsaLambda,
    id="sarsa_lambda",
    name="SARSA(λ)",
    params=(
        FloatParam(
            name="lambda",
            label="Memory of the way (lambda)",
            help=(
                "How much of a surprise reaches the action before, and so on backwards. 0 is "
                "SARSA; 1 reaches back to the start, as Monte Carlo does."
            ),
            default=0.8,
            low=0.0,
            high=1.0,
            basic=True,
        ),
        ChoiceParam(
            name="traces",
            label="Actions taken several times",
            help=(
                "Whether an action that was taken again counts anew, or more than once. Adding up "
                "can grow without limit where an agent goes in circles."
            ),
            default="replacing",
            choices={"replacing": "Count anew", "accumulating": "Add up"},
        ),
        *_CONTROL,
    ),
    summary="Remembers its way, and lets each surprise count for all of it, the less the older.",
    use_when="Rewards come late. All of the way to a reward learns at once.",
    avoid_when=(
        "The world is large: each step touches the whole table. Steps close to 1 can overshoot "
        "together with a long memory."
    ),
    maths=(
        r"\delta_t=R_{t+1}+\gamma Q(S_{t+1},A_{t+1})-Q(S_t,A_t),\qquad "
        r"Q\leftarrow Q+\alpha\,\delta_t\,E_t,\qquad E_{t+1}=\gamma\lambda E_t,\ "
        r"E_t(S_t,A_t)=1\ \text{or}\ E_t(S_t,A_t)+1"
    ),
    reference=(
        "S. P. Singh and R. S. Sutton (1996), Reinforcement learning with replacing eligibility "
        "traces, Machine Learning 22, 123-158; " + _BOOK + "section 12.7."
    ),
)

DYNA_Q = _spec(
    DynaQ,
    id="dyna_q",
    name="Dyna-Q",
    params=(
        IntParam(
            name="planning_steps",
            label="Steps in the head",
            help=(
                "How many remembered steps are made again after each real one. 0 is Q-learning; "
                "more learns from fewer episodes and takes longer for each."
            ),
            default=10,
            low=0,
            high=100,
            basic=True,
        ),
        *_CONTROL,
    ),
    summary=(
        "Q-learning that remembers what last came of each action, and learns from memory between "
        "real steps."
    ),
    use_when="Real steps are dear and thinking is cheap.",
    avoid_when=(
        "Actions have several outcomes: only the last one is remembered, and learnt from as if it "
        "were the only one."
    ),
    maths=(
        r"Q(S_t,A_t)\leftarrow Q(S_t,A_t)+\alpha\,[R_{t+1}+\gamma\max_aQ(S_{t+1},a)-Q(S_t,A_t)],"
        r"\quad \mathrm{Model}(S_t,A_t)\leftarrow R_{t+1},S_{t+1},\quad \text{then $n$ times: }"
        r"R,S'\leftarrow\mathrm{Model}(S,A),\ Q(S,A)\leftarrow Q(S,A)"
        r"+\alpha\,[R+\gamma\max_aQ(S',a)-Q(S,A)]"
    ),
    reference=(
        "R. S. Sutton (1990), Integrated architectures for learning, planning, and reacting, "
        "International Conference on Machine Learning 7; " + _BOOK + "section 8.2."
    ),
)

REINFORCE = _spec(
    Reinforce,
    id="reinforce",
    name="REINFORCE",
    params=(
        _preference_step(0.3),
        _ALPHA_VALUE,
        BoolParam(
            name="baseline",
            label="Compare with what was expected",
            help=(
                "Whether an action is judged by how much more followed than is usual from there. "
                "It changes nothing on average and makes learning far steadier."
            ),
            default=True,
            basic=True,
        ),
        _MOST_CHANGE,
        _FROM_START,
        _INITIAL,
    ),
    summary=(
        "Learns preferences instead of values: after each episode, actions are preferred the more, "
        "the more followed them."
    ),
    use_when="A policy that keeps its own chances is wanted, and episodes are short.",
    avoid_when="Episodes are long or rewards large: it needs small steps, and so very many.",
    maths=(
        r"\pi(a\mid s)=\frac{e^{\theta(s,a)}}{\sum_be^{\theta(s,b)}},\qquad "
        r"\theta\leftarrow\theta+\alpha\sum_tc_t\,(G_t-V(S_t))\,\nabla\ln\pi(A_t\mid S_t),\quad "
        r"c_t=\gamma^t\ \text{or}\ 1"
    ),
    reference=(
        "R. J. Williams (1992), Simple statistical gradient-following algorithms for connectionist "
        "reinforcement learning, Machine Learning 8, 229-256; "
        + _BOOK
        + "sections 13.3 and 13.4. Here the steps of an episode are added up before the policy "
        "changes, so that they follow its gradient exactly."
    ),
)

ACTOR_CRITIC = _spec(
    ActorCritic,
    id="actor_critic",
    name="Actor-critic",
    params=(_preference_step(0.3), _ALPHA_VALUE, _MOST_CHANGE, _FROM_START, _INITIAL),
    summary=(
        "Learns preferences in each step: a critic says whether it went better than expected, and "
        "an actor prefers the action more or less by that."
    ),
    use_when="A policy that keeps its own chances is wanted without waiting for the end.",
    avoid_when=(
        "Exploring must go on: preferences grow until one action is nearly certain, best or not."
    ),
    maths=(
        r"\delta_t=R_{t+1}+\gamma V(S_{t+1})-V(S_t),\qquad V(S_t)\leftarrow V(S_t)+\alpha_V\delta_t"
        r",\qquad \theta\leftarrow\theta+\alpha\,c_t\,\delta_t\,\nabla\ln\pi(A_t\mid S_t),\quad "
        r"c_t=\gamma^t\ \text{or}\ 1"
    ),
    reference=(
        "A. G. Barto, R. S. Sutton and C. W. Anderson (1983), Neuronlike adaptive elements that "
        "can solve difficult learning control problems, IEEE Transactions on Systems, Man, and "
        "Cybernetics 13, 834-846; " + _BOOK + "section 13.5."
    ),
)

#: Every agent, in the order of a menu.
SPECS: tuple[MethodSpec, ...] = (
    Q_LEARNING,
    SARSA,
    EXPECTED_SARSA,
    DOUBLE_Q_LEARNING,
    N_STEP_SARSA,
    SARSA_LAMBDA,
    DYNA_Q,
    MONTE_CARLO,
    TD_ZERO,
    REINFORCE,
    ACTOR_CRITIC,
)
