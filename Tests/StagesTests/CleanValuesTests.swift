import Diagnostics
import Frames
import Testing

@testable import PipelineFiles
@testable import Relations
@testable import Stages

/// Steps that change values one by one: cast, map, normalize, and what is counted of them.
@Suite struct CleanValuesTests {
  private func clean(
    _ steps: String, quarantine: String = "", _ texts: [String?]
  ) async throws -> (frame: Frame, result: StageResult, published: [String: Frame]) {
    let table = frame([
      (Field("id", .int8, isNullable: false), Array(0..<texts.count)),
      (Field("at", .timestamptz), Array(repeating: day(2026, 5, 1), count: texts.count)),
      (Field("text", .text), texts),
    ])
    let outcome = try await run(
      """
      raw: { extract: { from: shop, table: shop.rows, key: id, time: at } }
      out: { clean: { input: raw, steps: [ \(steps) ]\(quarantine) } }
      """, ["rows": table])
    let result = try #require(outcome.results["out"])
    return (try await outcome.frame("out"), result, outcome.published)
  }

  private func step(_ result: StageResult) -> JSONValue? {
    if case .array(let steps)? = result.details["steps"] { steps.first } else { nil }
  }

  @Test func `cast counts what it cannot read`() async throws {
    let texts = ["1", " 2 ", "x", nil, "", "2147483648"]
    let (frame, result, _) = try await clean("{ cast: { to: { text: int } } }", texts)
    #expect(frame.integers("text") == [1, 2, nil, nil, nil, nil])
    #expect(result.notes == ["cast text: 5 rows, not readable: 3 of text"])
    #expect(
      step(result)
        == .object([
          "step": "cast text", "looks_at": "row", "changed": 5, "removed": 0, "rejected": 0,
          "unreadable": .object(["text": 3]),
        ]))
    let strict = try await clean("{ cast: { to: { text: int }, otherwise: reject } }", texts)
    #expect(strict.frame.integers("text") == [1, 2, nil])
    #expect(
      strict.result.notes
        == ["cast text: 5 rows, 3 of them rejected, not readable: 3 of text"])
  }

  @Test func `map replaces values by a table`() async throws {
    let texts = ["payed", "paid", "N/A", "odd", nil, "e\u{301}", "é"]
    let table = "column: text, to: { payed: paid, N/A: null, é: e }"
    let kept = try await clean("{ map: { \(table) } }", texts)
    // Values are told apart by their bytes, as Postgres does.
    #expect(kept.frame.texts("text") == ["paid", "paid", nil, "odd", nil, "e\u{301}", "e"])
    #expect(kept.result.notes == ["map text: 3 rows"])
    let emptied = try await clean("{ map: { \(table), otherwise: null } }", texts)
    #expect(emptied.frame.texts("text") == ["paid", "paid", nil, nil, nil, nil, "e"])
    let strict = try await clean("{ map: { \(table), otherwise: reject } }", texts)
    #expect(strict.frame.integers("id") == [0, 1, 2, 4, 6])
    #expect(strict.result.notes == ["map text: 5 rows, 2 of them rejected"])
  }

  @Test func `normalize writes texts in one form`() async throws {
    let (frame, result, _) = try await clean(
      "{ normalize: { columns: text, form: nfkc, trim: true, case: lower } }",
      ["\u{3000}ＡＢＣ１２３ ", "abc123", "ｶﾞ", nil, "\u{FEFF}ﬁn\u{200B}"])
    #expect(frame.texts("text") == ["abc123", "abc123", "ガ", nil, "fin"])
    #expect(result.notes == ["normalize text: 3 rows"])
  }

  @Test func `phone numbers have one form`() async throws {
    let right = [
      "13812345678": "+8613812345678", "138-1234 5678": "+8613812345678",
      "+86 138 1234 5678": "+8613812345678", "008613812345678": "+8613812345678",
      "8613812345678": "+8613812345678", "（０１０）１２３４ ５６７８": "+861012345678",
      "+44 (0)20 7946 0018": "+442079460018", "+1 (202) 555-0143": "+12025550143",
    ]
    let wrong = ["", "call me", "12", "+", "138123456789012345", "1+38", "+0123456789"]
    let texts = right.keys.sorted() + wrong
    let (frame, result, _) = try await clean(
      "{ normalize: { columns: text, form: phone, country: CN } }", texts)
    #expect(frame.texts("text") == right.keys.sorted().map { right[$0] } + wrong.map { _ in nil })
    #expect(result.notes == ["normalize text: 15 rows, not readable: 7 of text"])
    // Without a country a number must be complete.
    let bare = try await clean(
      "{ normalize: { columns: text, form: phone } }", ["13812345678", "+8613812345678"])
    #expect(bare.frame.texts("text") == [nil, "+8613812345678"])
    #expect(PhoneNumber.normalized("020 7946 0018", country: .unitedKingdom) == "+442079460018")
    #expect(PhoneNumber.normalized("(202) 555-0143", country: .unitedStates) == "+12025550143")
  }

  @Test func `addresses have one form`() {
    for (text, form) in [
      (" Ann.Lee@Example.COM ", "ann.lee@example.com"), ("a+b@x-y.co.uk", "a+b@x-y.co.uk"),
      ("ａｎｎ＠ｅｘａｍｐｌｅ．ｃｏｍ", "ann@example.com"), ("王@例子.中国", "王@例子.中国"),
    ] { #expect(EmailAddress.normalized(text) == form) }
    for text in [
      "", "@", "a@", "@b.c", "a@b", "a@@b.c", "a b@c.d", "a@b..c", ".a@b.c", "a.@b.c", "a@-b.c",
      "a@b.c-", "a@1.2.3.4", "a@b.c,d@e.f", String(repeating: "a", count: 65) + "@b.c",
    ] { #expect(EmailAddress.normalized(text) == nil, "\(text)") }
  }

  @Test func `normal forms are personal and lineage is kept`() throws {
    let table = frame([
      (Field("id", .int8, isNullable: false), []), (Field("at", .timestamptz), []),
      (Field("text", .text), []), (Field("name", .text), []),
    ])
    let report = Report()
    let planned = plan(
      """
      raw: { extract: { from: shop, table: shop.rows, key: id, time: at, personal: [name] } }
      out:
        clean:
          input: raw
          steps:
            - normalize: { columns: text, form: email }
            - normalize: { columns: name, form: nfkc, trim: true, case: upper }
            - cast: { to: { name: date } }
      """, ["rows": table], asOf: day(2026, 6, 1), report)
    let out = try #require(planned?.plans["out"])
    guard case .relation(let shape) = out.shape else { return }
    #expect(shape.schema["text"]?.isPersonal == true)
    #expect(shape.schema["name"]?.isPersonal == true)
    #expect(shape.schema["name"]?.type == .date)
    #expect(out.lineage["text"]?.expressions == ["email(text)"])
    #expect(
      out.lineage["name"]?.expressions
        == ["upper(trim(normalize(name, nfkc)))", "cast(name as date)"])
    #expect(out.steps.allSatisfy { $0.isAsOf == false })
  }

  @Test func `rejected rows are quarantined`() async throws {
    let (_, result, published) = try await clean(
      "{ reject: { where: text = 'bad', reason: is bad } }, "
        + "{ cast: { to: { text: int }, otherwise: reject } }",
      quarantine: ", quarantine: marketing.rejected", ["1", "x", "bad", nil])
    let rows = try #require(published["marketing.rejected"])
    #expect(rows.schema.names == ["number", "stage", "reason", "id"])
    #expect(rows.integers("number") == [1, 2])
    #expect(rows.texts("reason") == ["is bad", "text is no integer"])
    #expect(rows.texts("stage") == ["out", "out"])
    #expect(rows.integers("id") == [2, 1])
    #expect(result.notes.last == "marketing.rejected: 2 rows")
    let none = try await clean(
      "{ reject: { where: text = 'bad', reason: is bad } }",
      quarantine: ", quarantine: marketing.rejected", ["1"])
    #expect(none.published["marketing.rejected"]?.rowCount == 0)
  }

  @Test func `planning names what is wrong`() {
    let table = frame([
      (Field("id", .int8, isNullable: false), []), (Field("at", .timestamptz), []),
      (Field("n", .int4), []), (Field("text", .text), []),
    ])
    func mistakes(_ steps: String, _ more: String = "") -> [String] {
      messages(
        """
        raw: { extract: { from: shop, table: shop.rows, key: id, time: at } }
        out: { clean: { input: raw, steps: [ \(steps) ]\(more) } }
        """, ["rows": table])
    }
    #expect(
      mistakes("{ cast: { to: { n: date } } }")
        == ["error: 'n' is of type integer, and only texts can be cast"])
    #expect(
      mistakes("{ cast: { to: { text: jsonb } } }") == ["error: texts cannot be read as jsonb"])
    #expect(
      mistakes("{ map: { column: id, to: { a: b } } }").contains(
        "error: 'id' identifies the rows and cannot be changed"))
    #expect(mistakes("{ normalize: { columns: text } }") == ["error: the step changes nothing"])
    #expect(
      mistakes("{ normalize: { columns: text, form: email, case: lower } }")
        == ["error: the form 'email' decides on blanks and case itself"])
    #expect(
      mistakes("{ normalize: { columns: text, form: nfc, country: CN } }")
        == ["error: only telephone numbers have a country"])
    #expect(
      mistakes("{ normalize: { columns: text, form: nfc } }", ", quarantine: marketing.bad")
        == ["error: no step rejects rows that could be quarantined"])
    let reject = "{ reject: { where: n < 0, reason: negative } }"
    #expect(
      mistakes(reject, ", quarantine: roost.bad")
        == ["error: schema 'roost' is not for published tables"])
  }
}
