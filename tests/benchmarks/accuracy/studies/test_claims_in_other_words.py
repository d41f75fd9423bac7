"""The study of claims in other words counts as by hand, and its invented set is the one whose sums were noted first."""

from __future__ import annotations

import hashlib

from benchmarks.accuracy.studies.claims_in_other_words import INVENTED, counted, main, read


def test_the_set_is_the_one_that_was_noted_before() -> None:
    lines = (INVENTED / "SHA256SUMS").read_text("utf-8").splitlines()
    assert len(lines) == 2
    for line in lines:
        digest, name = line.split()
        assert hashlib.sha256((INVENTED / name).read_bytes()).hexdigest() == digest


def test_posts_are_counted_as_by_hand() -> None:
    claims = [
        {"claim_id": "A", "text": "कोसी बराज के 40 गेट खोल दिए गए, सुपौल में बाढ़ आएगी"},
        {"claim_id": "B", "text": "Class 10 science paper leaked before the exam in Nawada"},
    ]
    told = [
        ("A", "carries", "en", "40 gates of Kosi barrage opened, Supaul will be flooded"),
        ("A", "carries", "en", "good morning everybody"),
        ("A", "denies", "en", "Fake: 40 gates of Kosi barrage opened, Supaul will be flooded"),
        ("A", "different", "en", "20 gates of Kosi barrage opened, Supaul will be flooded"),
        ("A", "carries", "hi", "Nawada me 10 class science paper leak, exam se pehle"),
        (None, "other", "hi", "आज मौसम अच्छा है"),
    ]
    by = counted(claims, [dict(zip(("claim_id", "label", "language", "text"), row, strict=True)) for row in told])
    assert by == {
        ("carries", "en", "all"): 2, ("carries", "en", "match"): 1, ("carries", "en", "state"): 1,
        ("denies", "en", "all"): 1, ("denies", "en", "match"): 1, ("denies", "en", "state"): 1,
        ("different", "en", "all"): 1, ("different", "en", "look"): 1,
        ("carries", "hi", "all"): 1, ("carries", "hi", "wrong"): 1, ("other", "hi", "all"): 1,
    }  # fmt: skip


def test_the_table_says_what_docs_measured_accuracy_says(capsys, monkeypatch) -> None:
    monkeypatch.setattr("sys.argv", ["claims_in_other_words"])
    main()
    said = capsys.readouterr().out.strip()
    page = (INVENTED.parents[2] / "docs" / "measured" / "accuracy.md").read_text("utf-8")
    assert said in page
    assert len(read(INVENTED)[0]) == 44 and len(read(INVENTED)[1]) == 1216
