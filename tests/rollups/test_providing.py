"""Indicators that come from the database: read once for a page or a recount, and never
older than that."""

from unittest.mock import Mock

import pytest

from federation.months import Month
from rollups import registry
from rollups.registry import Indicator, Kind, Source

MARCH = Month(2026, 3)

SOURCE = Source("test", lambda months: [], lambda first, end: None, {})


@pytest.fixture
def asked(monkeypatch):
    """Return how often the provider was asked; it gives one more each time."""
    asked = []

    def give():
        asked.append(len(asked))
        return [
            Indicator(f"test.n{n}", f"第 {n} 项", "个", Kind.FLOW, SOURCE, place=0)
            for n in asked
        ]

    monkeypatch.setattr(registry, "_providers", [give])
    return asked


def codes():
    everything = registry.all_indicators()
    return [one.code for one in everything if one.code.startswith("test.")]


def test_what_is_provided_stands_among_what_is_declared(asked):
    assert codes() == ["test.n0"]
    assert [one.code for one in registry.usual_indicators()][0] == "test.n0"
    assert registry.indicator("test.n2").label == "第 2 项"
    assert registry.label_of("test.n3") == "第 3 项"
    assert registry.label_of("test.gone") == "test.gone"
    with pytest.raises(KeyError):
        registry.indicator("test.gone")


def test_what_is_declared_asks_nobody(asked):
    registry.indicator("activities.sessions")
    registry.label_of("activities.sessions")
    assert len(registry.indicator("activities.attendance_per_session").parts) == 2
    registry.declared_indicators()

    assert asked == []


def test_a_page_asks_once_and_the_next_one_anew(asked):
    with registry.reading_of_a_request():
        assert codes() == codes() == ["test.n0"]
        registry.label_of("test.gone")
    with registry.reading_of_a_request():
        assert codes() == ["test.n0", "test.n1"]


def test_a_recount_in_a_page_asks_anew_and_all_its_parts_see_the_same(asked):
    with registry.reading_of_a_request():
        codes()
        with registry.reading():
            assert codes() == ["test.n0", "test.n1"]
            with registry.reading():
                assert codes() == ["test.n0", "test.n1"]
        assert codes() == ["test.n0"]


def fail():
    with registry.reading_of_a_request():
        codes()
        raise RuntimeError


def test_a_page_that_fails_leaves_nothing_behind(asked):
    with pytest.raises(RuntimeError):
        fail()

    assert codes() == ["test.n0", "test.n1"]


@pytest.mark.django_db
def test_every_source_with_filters_narrows_before_it_groups():
    filtered = [one for one in registry.declared_indicators() if one.filters]

    assert filtered
    for one in filtered:
        narrow = Mock(side_effect=lambda records: records.none())
        source = one.source.narrowed("of none", narrow)
        list(source.rows([MARCH]))
        source.records(MARCH.first_day, MARCH.next_first_day)
        assert narrow.call_count == 2, one.code
