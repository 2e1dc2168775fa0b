"""Parsed and validated documents, kept by their text in a bounded cache."""

from collections.abc import Sequence
from dataclasses import dataclass

from cachetools import LRUCache
from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    parse,
    specified_rules,
    validate,
)

from execution.limits import limit_rule


class InvalidDocument(Exception):
    """A document does not parse, or does not fit the schema; `errors` say where and why."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__(errors[0].message)
        self.errors = list(errors)


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """How large a document may be, and how many of them are kept."""

    tokens: int = 4000
    depth: int = 15
    aliases: int = 200
    documents: int = 512


class DocumentCache:
    """Documents that passed validation, the least recently used dropped first.

    Only valid documents are kept, so that mistakes cannot push out what is in use. `suggestions` lets errors
    name fields similar to a mistyped one.
    """

    def __init__(self, schema: GraphQLSchema, limits: DocumentLimits, *, suggestions: bool) -> None:
        self._schema = schema
        self._hide_suggestions = not suggestions
        self._limits = limits
        self._documents: LRUCache[str, DocumentNode] = LRUCache(limits.documents)
        self._rules: list[type[ASTValidationRule]] = [
            *specified_rules,
            limit_rule(limits.depth, limits.aliases),
        ]

    def get(self, text: str) -> DocumentNode:
        """Return the document of a text, parsed and validated.

        Raises:
            InvalidDocument: it does not parse, does not fit the schema, or is beyond a limit.
        """
        document = self._documents.get(text)
        if document is None:
            document = self._checked(text)
            self._documents[text] = document
        return document

    def _checked(self, text: str) -> DocumentNode:
        try:
            document = parse(text, max_tokens=self._limits.tokens)
            errors = validate(self._schema, document, self._rules, hide_suggestions=self._hide_suggestions)
        except GraphQLSyntaxError as error:
            raise InvalidDocument([error]) from error
        except RecursionError as error:
            raise InvalidDocument([GraphQLError("The document is nested too deeply.")]) from error
        if errors:
            raise InvalidDocument(errors)
        return document
