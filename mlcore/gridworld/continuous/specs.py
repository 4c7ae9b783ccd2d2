"""The declaration of the expected-utility algorithm."""

from __future__ import annotations

from mlcore.gridworld.continuous.gaussian import CLIP
from mlcore.gridworld.continuous.running import run
from mlcore.gridworld.spec import Family, MethodSpec
from mlcore.params import ChoiceParam, FloatParam, IntParam, LayersParam, Param

_PARAMS: tuple[Param, ...] = (
    IntParam(
        name="updates",
        label="Updates",
        help=(
            "How many times both functions are improved. More lets the agent come nearer to the "
            "best it can do, and takes longer."
        ),
        default=300,
        low=1,
        high=20_000,
        basic=True,
    ),
    FloatParam(
        name="noise",
        label="Chance in each step (cells)",
        help="Standard deviation of what is added to each step in a room, to the side and ahead.",
        default=0.05,
        low=0.0,
        high=0.5,
        basic=True,
    ),
    FloatParam(
        name="learning_rate",
        label="Learning rate",
        help=(
            "How far each step of Adam moves the numbers of the networks at the beginning; it "
            "falls evenly to a tenth. Larger learns faster until it learns nothing."
        ),
        default=0.003,
        low=1e-5,
        high=0.1,
        log=True,
        basic=True,
    ),
    IntParam(
        name="samples",
        label="Steps for each update",
        help=(
            "How many steps the agent takes with one policy before it is improved. More make each "
            "update surer and slower."
        ),
        default=1024,
        low=32,
        high=16_384,
    ),
    IntParam(
        name="passes",
        label="Passes over the steps",
        help=(
            "How often each update goes through its steps. 1 follows the gradient only where the "
            "steps were taken; more learn more from each, with a brake against going too far."
        ),
        default=5,
        low=1,
        high=20,
    ),
    LayersParam(
        name="hidden",
        label="Hidden layers",
        help=(
            "Units in each hidden layer of both networks, such as 32, 32. More can describe a room "
            "with more corners, and learn more slowly."
        ),
        default=(32, 32),
        low=1,
        high=128,
        most=3,
    ),
    FloatParam(
        name="gae_lambda",
        label="Trust in what came (lambda)",
        help=(
            "0 judges an action by the next step and the value function alone; 1 by all rewards "
            "that came after it, luck included. 0.95 is usual."
        ),
        default=0.95,
        low=0.0,
        high=1.0,
    ),
    FloatParam(
        name="initial_sigma",
        label="Spread at the beginning",
        help=(
            "Standard deviation of the actions around their mean at the beginning. The agent finds "
            "only what it tries; the spread falls by itself as it grows sure."
        ),
        default=0.5,
        low=0.05,
        high=2.0,
    ),
    ChoiceParam(
        name="spread",
        label="Spread of the policy",
        help=(
            "One spread for all places is learnt more easily. One for each place shows where the "
            "agent is sure and where it is not."
        ),
        default="one",
        choices={"one": "One for all places", "place": "Another at each place"},
    ),
    FloatParam(
        name="entropy_bonus",
        label="Reward for trying (entropy bonus)",
        help=(
            "Added to what the agent makes large, for each nat of its indecision. It keeps the "
            "agent trying, so that the mean of its actions is learnt better; too much keeps it "
            "from deciding."
        ),
        default=0.03,
        low=0.0,
        high=0.5,
    ),
    IntParam(
        name="fine_grid",
        label="Points of the comparison",
        help=(
            "The best values in a room are computed on a grid with so many points along its longer "
            "side. More are nearer to the truth and take longer."
        ),
        default=60,
        low=10,
        high=100,
    ),
)

EXPECTED_UTILITY = MethodSpec(
    id="expected_utility",
    name="Expected utility (actor-critic)",
    family=Family.CONTINUOUS,
    run=run,
    params=_PARAMS,
    only_drawn=("noise", "fine_grid"),
    summary=(
        "Two functions learn together. The policy function says which action to take in a state: "
        "a mean and a spread, from which the action is drawn. The value function says how much "
        "utility, the sum of discounted rewards, is to be expected from a state. Actions that "
        "turned out better than the value function expected are made likelier, so that the "
        "expected utility of the policy grows; the value function learns from what came. Each "
        "update goes through its steps several times, and a clipped ratio keeps the policy near "
        "the one that took them; advantages are standardised, and an entropy bonus rewards trying. "
        "Both are small networks, and Adam takes the steps."
    ),
    use_when=(
        "Actions are numbers rather than a few choices: how far and in which direction to go, how "
        "strongly to push. It needs no model of the world, only trying."
    ),
    avoid_when=(
        "The world is known and small: then planning is exact. It follows a slope and may end on a "
        "hill that is not the highest; compare it with the best values shown beside it, and "
        "with several agents."
    ),
    maths=(
        r"J(\theta) = \mathbb{E}_{\pi_\theta}\Big[\sum_t \gamma^t r_t\Big], \qquad "
        r"\pi_\theta(a \mid s) = \mathcal{N}\big(a;\, \mu_\theta(s), \sigma_\theta^2\big) \\[1ex] "
        r"\nabla_\theta J \propto \mathbb{E}\big[\hat A\, \nabla_\theta \ln \pi_\theta(a \mid s)"
        r"\big], \qquad \nabla_\mu \ln \pi = \frac{a - \mu}{\sigma^2}, \quad "
        r"\nabla_{\ln \sigma} \ln \pi = \frac{(a - \mu)^2}{\sigma^2} - 1 \\[1ex] "
        r"\delta_t = r_t + \gamma V_w(s_{t+1}) - V_w(s_t), \qquad "
        r"\hat A_t = \sum_{l \ge 0} (\gamma \lambda)^l \delta_{t+l}, \qquad "
        r"\tilde A_t = \frac{\hat A_t - \operatorname{mean} \hat A}{\operatorname{std} \hat A}"
        r"\\[1ex] "
        r"\rho_t = \frac{\pi_\theta(a_t \mid s_t)}{\pi_{\theta_{\text{old}}}(a_t \mid s_t)}, "
        r"\qquad L(\theta) = -\mathbb{E}\big[\min\big(\rho_t \tilde A_t,\, "
        rf"\operatorname{{clip}}(\rho_t, {1 - CLIP:g}, {1 + CLIP:g})\, \tilde A_t\big) "
        r"+ c\, \mathcal{H}\big(\pi_\theta(\cdot \mid s_t)\big)\big] \\[1ex] "
        r"L(w) = \tfrac12\, \mathbb{E}\big[(V_w(s_t) - \hat A_t - V_{w_{\text{old}}}(s_t))^2\big]"
        r"\\[1ex] "
        r"m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad v \leftarrow \beta_2 v + (1 - \beta_2) "
        r"g^2, \quad \theta \leftarrow \theta - \alpha\, \frac{m / (1 - \beta_1^k)}"
        r"{\sqrt{v / (1 - \beta_2^k)} + \epsilon}"
    ),
    reference=(
        "R. S. Sutton and A. G. Barto (2018), Reinforcement Learning, 2nd edition, chapter 13; "
        "J. Schulman et al. (2016), High-dimensional continuous control using generalized "
        "advantage estimation, ICLR; J. Schulman et al. (2017), Proximal policy optimization "
        "algorithms, arXiv:1707.06347; D. P. Kingma and J. Ba (2015), Adam: a method for "
        "stochastic optimization, ICLR"
    ),
)

SPECS: tuple[MethodSpec, ...] = (EXPECTED_UTILITY,)
