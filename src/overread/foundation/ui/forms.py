"""Forms that all look and speak alike: label, field, help, error at the field, a summary on top when it is needed."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

SUMMARY_FROM = 3  # errors; fewer are found by looking at the fields
CHECKS = (forms.CheckboxInput,)
GROUPS = (forms.RadioSelect, forms.CheckboxSelectMultiple)


class Renderer(TemplatesSetting):
    """settings.FORM_RENDERER: draws `{{ form }}` and every form field with our templates."""

    form_template_name = "ui/forms/form.html"
    field_template_name = "ui/forms/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        """Draw a form's template; Django's own widget templates are found because django.forms is installed."""
        return super().render(template_name, context, request)


class OverreadForm(forms.Form):
    """The base of our forms: British words for Django's own messages, no colons after labels."""

    required_css_class = ""
    error_css_class = ""
    default_renderer = Renderer

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for bound in self.fields.values():
            if bound.error_messages.get("required") == forms.Field.default_error_messages["required"]:
                bound.error_messages["required"] = "This must be filled in."

    def add_refusal(self, refused: Any) -> None:
        """Show a refusal of an action: errors of fields at their fields, the rest on top of the form."""
        errors: Mapping[str, str] = getattr(refused, "errors", None) or {}
        for name, text in errors.items():
            self.add_error(name if name in self.fields else None, text)
        if not errors:
            self.add_error(None, str(getattr(refused, "message", refused)))


def widget_kind(bound: forms.BoundField) -> str:
    """hidden, check, group, select, area, file or line: which shape the field has."""
    widget = bound.field.widget
    if bound.is_hidden:
        return "hidden"
    if isinstance(widget, CHECKS):
        return "check"
    if isinstance(widget, GROUPS):
        return "group"
    if isinstance(widget, forms.Select):
        return "select"
    return "area" if isinstance(widget, forms.Textarea) else "line"


CLASSES = {"select": "form-select", "check": "form-check-input", "area": "form-control", "line": "form-control"}


def draw_field(bound: forms.BoundField, attributes: Mapping[str, Any] | None = None) -> SafeString:
    """A field of any Django form with label, help and error, joined by aria-describedby (by Django itself)."""
    kind = widget_kind(bound)
    own = str(bound.field.widget.attrs.get("class", ""))
    classes = " ".join(part for part in (own, CLASSES.get(kind, ""), "is-invalid" if bound.errors else "") if part)
    attrs = {**(attributes or {})}
    if classes:
        attrs["class"] = classes
    if kind == "area":
        attrs.setdefault("rows", bound.field.widget.attrs.get("rows", 3))
    widget = bound.as_widget(attrs=attrs)
    context = {"bound": bound, "kind": kind, "widget": widget, "optional": not bound.field.required}
    return render_to_string("ui/forms/field_parts.html", context)


def summary(form: forms.BaseForm) -> dict[str, Any]:
    """What the error summary draws: errors of the form itself always, those of fields when there are several."""
    whole = list(form.non_field_errors())
    fields = [(bound, list(bound.errors)) for bound in form if bound.errors and not bound.is_hidden]
    hidden = [text for bound in form if bound.is_hidden for text in bound.errors]
    return {"whole": whole + hidden, "fields": fields if len(fields) >= SUMMARY_FROM else [], "count": len(fields)}
