from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from ..types import Unrecognized

KnownAttemptStatus: TypeAlias = Literal["failure", "success"]

if TYPE_CHECKING:
    AttemptStatus: TypeAlias = KnownAttemptStatus | Unrecognized
else:
    AttemptStatus = str

ATTEMPT_STATUS_VALUES: Final[frozenset[KnownAttemptStatus]] = frozenset(
    get_args(KnownAttemptStatus)
)
