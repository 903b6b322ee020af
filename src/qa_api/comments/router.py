"""The routes of comments (X8)."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from qa_api.auth.roles import Permission
from qa_api.comments import queries, service
from qa_api.comments.schemas import CommentIn, CommentOut, CommentQuery, ReplyIn
from qa_api.http.access import secured
from qa_api.http.reads import Reader
from qa_api.http.route import StrictRoute
from qa_api.http.writes import Change
from qa_api.values.fields import Uuid
from qa_api.values.pages import page_of

router = APIRouter(prefix="/v1/comments", tags=["comments"], route_class=StrictRoute)

Reading = Annotated[Reader, secured(Reader.of, Permission.COMMENT_READ)]
Writing = Annotated[Change, secured(Change.creating, Permission.COMMENT_WRITE)]
Resolving = Annotated[Change, secured(Change.of, Permission.COMMENT_WRITE)]
Releasing = Annotated[Change, secured(Change.of, Permission.COMMENT_RELEASE)]


@router.post("", response_model=CommentOut, status_code=201)
async def add_comment(body: CommentIn, writing: Writing) -> Response:
    """Comment on an audit, a question of it, a response, an action, an escalation or an outcome.

    Whoever may read the thing reads the comment; with `addressees`, only they, you, and Quality &
    Standards. It is open until the thing closes and then locked. It stands in the child's record
    only once it is released.
    """
    await writing.do(service.add, writing.id, body)
    return await writing.created(queries.COMMENT, f"/v1/comments/{writing.id}")


@router.get("", response_model=page_of(CommentOut))
async def list_comments(query: Annotated[CommentQuery, Query()], reading: Reading) -> Response:
    """Comments and replies that you may read, newest first."""
    return await reading.page(queries.COMMENTS, query)


@router.get("/{comment_id}", response_model=CommentOut)
async def get_comment(comment_id: Uuid, reading: Reading) -> Response:
    """One comment or reply."""
    return await reading.document(queries.COMMENT, id=comment_id)


@router.post("/{comment_id}/replies", response_model=CommentOut, status_code=201)
async def reply_to_comment(comment_id: Uuid, body: ReplyIn, writing: Writing) -> Response:
    """Reply in the comment's conversation. If it asks you, you have answered it by that."""
    await writing.do(service.reply, writing.id, comment_id, body)
    return await writing.created(queries.COMMENT, f"/v1/comments/{writing.id}")


@router.post("/{comment_id}/resolve", response_model=CommentOut)
async def resolve_comment(comment_id: Uuid, resolving: Resolving) -> Response:
    """Resolve a conversation, at its first comment: it waits for nobody any more."""
    return await resolving.step(queries.COMMENT, service.resolve, comment_id)


@router.post("/{comment_id}/release", response_model=CommentOut)
async def release_comment(comment_id: Uuid, releasing: Releasing) -> Response:
    """Let a comment stand in the subject's record, for the child as well. That stays.

    An addressed one is released by Quality & Standards alone.
    """
    return await releasing.step(queries.COMMENT, service.release, comment_id)
