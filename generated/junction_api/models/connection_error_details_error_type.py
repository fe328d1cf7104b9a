from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from ..types import Unrecognized

KnownConnectionErrorDetailsErrorType: TypeAlias = Literal[
    "deregistered_per_provider",
    "provider_credential_error",
    "provider_password_expired",
    "required_scopes_not_granted",
    "token_refresh_failed",
    "unknown",
    "user_not_found",
    "webhook_registration_failed",
]

if TYPE_CHECKING:
    ConnectionErrorDetailsErrorType: TypeAlias = KnownConnectionErrorDetailsErrorType | Unrecognized
else:
    ConnectionErrorDetailsErrorType = str

CONNECTION_ERROR_DETAILS_ERROR_TYPE_VALUES: Final[
    frozenset[KnownConnectionErrorDetailsErrorType]
] = frozenset(get_args(KnownConnectionErrorDetailsErrorType))
