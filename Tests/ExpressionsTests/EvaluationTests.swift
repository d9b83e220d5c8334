import Frames
import Testing

@testable import Expressions

@Suite struct EvaluationTests {
  @Test func `what pipelines write`() throws {
    #expect(try values(of: "amount < 0") == ["false", "true", nil, "false"])
    #expect(try values(of: "lower(trim(city))") == ["paris", "rome", nil, "rome"])
    #expect(try values(of: "coalesce(kind, 'unknown')") == ["cart", "view", "cart", "unknown"])
    #expect(try values(of: "status <> 'cancelled'") == ["true", "false", "true", "true"])
    #expect(
      try values(of: "scores.churn_probability > 0.5") == ["false", "true", "true", "false"])
    #expect(try values(of: "days_since(ordered_at)") == ["30", "29", "21", nil])
    #expect(try values(of: "amount + discount") == ["11.00", "-2.00", nil, nil])
    #expect(try values(of: "amount * 1.5") == ["15.750", "-3.000", nil, "0.000"])
    #expect(try values(of: "quantity / 2") == ["0", "1", "1", "2"])
    #expect(try values(of: "city is null or amount = 10.5") == ["true", "false", "true", "false"])
    #expect(try values(of: "kind in ('cart', null)") == ["true", nil, "true", nil])
  }

  /// Clocks go forward on 2024-03-31 and back on 2024-10-27 in Berlin: what is skipped is read with
  /// the offset before, what comes twice is the later instant.
  @Test(arguments: [
    ("timestamp '2024-03-31 02:30:00' at time zone 'Europe/Berlin'", "2024-03-31 01:30:00+00"),
    ("timestamp '2024-10-27 02:30:00' at time zone 'Europe/Berlin'", "2024-10-27 01:30:00+00"),
    ("timestamptz '2024-10-27 00:30:00+00' at time zone 'Europe/Berlin'", "2024-10-27 02:30:00"),
    ("timestamptz '2024-10-27 01:30:00+00' at time zone 'Europe/Berlin'", "2024-10-27 02:30:00"),
    ("timestamptz 'infinity' at time zone 'Europe/Berlin'", "infinity"),
  ])
  func `gaps and folds`(text: String, expected: String) throws {
    #expect(try value(of: text) == expected)
  }

  /// Where we differ from Postgres 15 on purpose, or where it is worth a name.
  @Test(arguments: [
    // The quotient rounds to 1: Postgres 15 gives 4, the bucket above the upper bound.
    ("width_bucket(0.5::float8, '-1e308'::float8, 1, 3)", "3"),
    ("width_bucket(5.35, 0.024, 10.06, 5)", "3"), ("width_bucket(99, 100, 0, 10)", "1"),
    ("age_days(timestamp '2024-03-01 00:00:00', timestamp '2024-02-28 23:59:59')", "2"),
    ("date '2024-03-01' - date '2024-02-28'", "2"),
    ("interval '1 month' * 1.5", "1 mon 15 days"), ("interval '1 day' / 7", "03:25:42.857143"),
    ("extract(epoch from interval '1 year 1 month 1 day 1 second')", "34236001.000000"),
    ("regexp_replace('+49 (30) 123-45', '[^0-9]+', '', 'g')", "493012345"),
    (#"regexp_replace('Lovelace, Ada', '^(\w+), (\w+)$', '\2 \1')"#, "Ada Lovelace"),
    ("initcap('o''neil MC-donald')", "O'Neil Mc-Donald"), ("lpad('7', 3, '0')", "007"),
    ("'50%' like '%!%' escape '!'", "true"), ("position('b' in 'abc')", "2"),
  ])
  func `named cases`(text: String, expected: String) throws {
    #expect(try value(of: text) == expected)
  }

  @Test(arguments: [
    ("repeat('ab', 2147483647)", EvaluationError.Kind.tooLong),
    ("rpad('ab', 2147483647)", .tooLong), ("width_bucket(1, 0, 10, 0)", .invalidBucket),
    ("width_bucket('nan'::float8, 0, 10, 2)", .invalidBucket),
    ("width_bucket(1::float8, 0, 'infinity', 2)", .invalidBucket),
    ("width_bucket(1.5, 2.0, 2.00, 2)", .invalidBucket),
    ("width_bucket(11.5, 2, 3, 2147483647)", .outOfRange),
    ("- (interval '1 month' * -2147483648)", .timeOutOfRange),
    ("interval '1 day' / 0", .divisionByZero),
    ("interval '1 day' * 'nan'::float8", .timeOutOfRange),
    ("age_days(date 'infinity', date '2024-01-01')", .timeOutOfRange),
    ("extract(epoch from timestamp '294276-12-31')", .timeOutOfRange),
    ("concat('30', '0000-01-01')::date", .invalidTime),
    ("concat('99', '9999-12-31 23:59:59')::timestamptz", .invalidTime),
  ])
  func failures(text: String, kind: EvaluationError.Kind) throws {
    let error = try #require(throws: EvaluationError.self) { try value(of: text) }
    #expect(error.kind == kind)
  }

  @Test func `branches that Postgres does not evaluate do not fail`() throws {
    #expect(
      try values(of: "case when quantity <> 2 then 12 / (quantity - 2) else -1 end")
        == ["-12", "-1", "12", "6"])
    #expect(
      try values(of: "quantity <> 2 and 12 / (quantity - 2) > 7")
        == ["false", "false", "true", "false"])
    #expect(
      try values(of: "coalesce(amount, 1 / (quantity - 1))") == ["10.50", "-2.00", "0.00", "0.00"])
  }

  @Test func `an error names the row and the place`() throws {
    let expression = try typed("10 / (quantity - 3)")
    let error = try #require(throws: EvaluationError.self) {
      try expression.evaluate(over: shopFrame(), in: context)
    }
    #expect(error.kind == .divisionByZero)
    #expect(error.row == 2)
    #expect(error.span?.text == "10 / (quantity - 3)")
  }
}
