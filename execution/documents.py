"""Parsed and validated documents, kept by their text in a bounded cache."""

from collections.abc import Sequence
from typing import Any

from cachetools import LRUCache
from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OverlappingFieldsCanBeMergedRule,
    SelectionSetNode,
    ValidationContext,
    parse,
    specified_rules,
    validate,
)
from graphql.validation.validate import ValidationAbortedError

from execution.limits import DocumentLimits, excesses


class InvalidDocument(Exception):
    """A document does not parse, or does not fit the schema; `errors` say where and why."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__(errors[0].message)
        self.errors = list(errors)


class DocumentCache:
    """Documents that passed validation, the least recently used dropped first.

    Only valid documents are kept, so that mistakes cannot push out what is in use. `suggestions` lets errors
    name fields similar to a mistyped one.
    """

    def __init__(self, schema: GraphQLSchema, limits: DocumentLimits, *, suggestions: bool) -> None:
        self._schema = schema
        self._hide_suggestions = not suggestions
        self._limits = limits
        self._documents: LRUCache[str, DocumentNode] = LRUCache(limits.kept, getsizeof=_characters_of)
        self._rules = _rules(limits.comparisons)

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
        """Check the cheap before the dear: its length, its tokens, what it holds, and then every rule."""
        limits = self._limits
        if len(text) > limits.characters:
            raise InvalidDocument(
                [GraphQLError(f"The document is longer than {limits.characters} characters.")]
            )
        try:
            document = parse(text, max_tokens=limits.tokens)
            errors = excesses(document, limits) or validate(
                self._schema,
                document,
                self._rules,
                max_errors=limits.errors,
                hide_suggestions=self._hide_suggestions,
            )
        except GraphQLSyntaxError as error:
            raise InvalidDocument([error]) from error
        except RecursionError as error:
            raise InvalidDocument([GraphQLError("The document is nested too deeply.")]) from error
        if errors:
            raise InvalidDocument(errors[: limits.errors])
        return document


def _rules(comparisons: int) -> list[type[ASTValidationRule]]:
    """Return the specification's rules, with far fewer comparisons of fields than graphql-core allows.

    Its half a million take a second, and no document that a person wrote needs one in a hundred of them.
    """

    class FewComparisons(OverlappingFieldsCanBeMergedRule):
        """Compares fields of one name, until that takes too long."""

        def __init__(self, context: ValidationContext) -> None:
            super().__init__(context)
            self.rule_context.remaining_complexity_budget = comparisons

        def enter_selection_set(
            self, selection_set: SelectionSetNode, _key: Any, parent: Any, *rest: Any
        ) -> None:
            try:
                super().enter_selection_set(selection_set, _key, parent, *rest)
            except ValidationAbortedError:
                raise ValidationAbortedError("The document asks for the same names too often.") from None

    return [FewComparisons if rule is OverlappingFieldsCanBeMergedRule else rule for rule in specified_rules]


def _characters_of(document: DocumentNode) -> int:
    return len(document.loc.source.body) if document.loc else 1
