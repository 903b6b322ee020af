"""The resources as SCIM has them: what is kept of a person and of a group, and nothing more.

`scim2-models` reads and writes them: attributes without regard to case, paths, filters and the
operations of PATCH with what Entra ID makes of them. It is loaded at the first request that needs
it.
"""

from typing import Annotated, Any, Final

from pydantic import Field
from scim2_models import (
    URN,
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    EnterpriseUser,
    ETag,
    Filter,
    Mutability,
    Patch,
    Reference,
    Required,
    Resource,
    ResourceType,
    Schema,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)
from scim2_models import Group as WholeGroup
from scim2_models import User as WholeUser

from qa_api.values.scim import MOST_RESULTS


class User(Resource[Any]):
    """A person whom the identity provider lets in."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    """What the provider calls them, in whatever case; two people never have the same."""
    display_name: str | None = None
    """Their name, for those who say which worker of the directory they are."""
    active: Annotated[bool | None, Required.true] = None
    """Whether their token is let in. `false` ends their access with their next request."""


class GroupMember(ComplexAttribute):
    """Somebody who belongs to a group."""

    value: Annotated[str | None, Mutability.immutable, CaseExact.true, Required.true] = None
    """The `id` of the user."""
    ref: Annotated[Reference[User] | None, Mutability.immutable] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """Where the user is."""
    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])
    """`User`: groups within groups are not taken."""


class Group(Resource[Any]):
    """A group of people. It gives a role only by a mapping that two people have made."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Required.true] = None
    """What the provider calls it."""
    members: list[GroupMember] | None = None
    """The people who belong to it."""


WHOLE: Final[dict[type[Resource[Any]], type[Resource[Any]]]] = {
    User: WholeUser[EnterpriseUser],
    Group: WholeGroup,
}
"""The standard's own resources: attributes of theirs that are not kept here are passed over."""

POLICY: Final = ScimPolicy(remove_value_as_filter=ScimPolicy.RemoveValue.apply)
"""What is forgiven: Entra ID removes members by a value beside the path."""

CONFIG: Final = ServiceProviderConfig(
    documentation_uri=None,
    patch=Patch(supported=True),
    bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
    filter=Filter(supported=True, max_results=MOST_RESULTS),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=False),
    etag=ETag(supported=False),
    authentication_schemes=[
        AuthenticationScheme(
            type=AuthenticationScheme.Type.oauthbearertoken,
            name="OAuth Bearer Token",
            description="A token of a registered issuer whose principal is an identity provider.",
            primary=True,
        )
    ],
)

PROVIDER: Final = ScimProvider(
    models=[User, Group],
    resource_types=[ResourceType.from_resource(User), ResourceType.from_resource(Group)],
    config=CONFIG,
    policy=POLICY,
)

SCHEMAS: Final[tuple[Schema, ...]] = (
    *PROVIDER.schemas,
    ServiceProviderConfig.to_schema(),
    ResourceType.to_schema(),
    Schema.to_schema(),
)
"""What `/Schemas` says of the resources and of itself."""
