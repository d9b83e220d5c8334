import Diagnostics
import Frames
import Testing

@testable import Expressions

@Suite struct TypingTests {
  @Test func `a name that needs double quotes is shown with them`() throws {
    let schema = Schema([
      Field("OrderTotal", .int8), Field("order date", .date), Field("a\"b", .int8),
      Field("city", .text),
    ])
    for (text, help) in [
      ("OrderTotal > 1", "did you mean \"OrderTotal\"? Its name needs the double quotes"),
      ("order_date is null", "did you mean \"order date\"? Its name needs the double quotes"),
      ("\"a'b\" > 1", "did you mean \"a\"\"b\"? Its name needs the double quotes"),
      ("citi = 'x'", "did you mean 'city'?"),
    ] {
      #expect(try mistake(in: text, schema).help == help)
    }
    // What is meant is what is offered.
    #expect(try typed("\"OrderTotal\" > 1 and \"a\"\"b\" > 1", schema).type == .bool)
  }

  @Test(arguments: [
    ("amount + discount", ColumnType.numeric(precision: 13, scale: 2)),
    ("amount * 100", .numeric(precision: 15, scale: 2)),
    ("amount * quantity", .numeric(precision: 22, scale: 2)),
    ("amount / 2", .float8), ("quantity / 2", .int4), ("quantity + 3000000000", .int8),
    ("1.50", .numeric(precision: 3, scale: 2)),
    ("round(amount, 1)", .numeric(precision: 12, scale: 1)),
    ("days_since(ordered_at)", .int4),
    ("coalesce(quantity, 1.5)", .numeric(precision: 11, scale: 1)),
    ("null", .text), ("width_bucket(amount, 0, 100, 5)", .int4),
    ("interval '1 day' * 2", .interval),
    ("ordered_at at time zone 'Asia/Shanghai'", .timestamp),
    ("born at time zone 'UTC'", .timestamp), ("regexp_replace(city, 'a', 'b')", .text),
    ("born - 1", .date), ("as_of - ordered_at", .interval),
  ])
  func `gives Postgres types`(text: String, type: ColumnType) throws {
    #expect(try typed(text).type == type)
  }

  @Test(arguments: [
    ("quantity + 1", false), ("amount + 1", true), ("coalesce(amount, 0)", false),
    ("amount is null", false), ("nullif(quantity, 1)", true), ("concat(city)", false),
    ("case when quantity = 1 then 1 end", true), ("greatest(amount, quantity)", false),
    ("days_since(ordered_at)", true), ("status = 'x' or quantity > 1", false),
  ])
  func `knows what can be null`(text: String, isNullable: Bool) throws {
    #expect(try typed(text).isNullable == isNullable)
  }

  @Test(arguments: [
    ("lower(email)", true), ("email is null", false), ("email = 'x'", false),
    ("email like '%@x.com'", false), ("email in ('a', 'b')", false), ("length(email)", true),
    ("coalesce(city, email)", true), ("case when email = 'x' then 1 else 0 end", false),
    ("case when quantity = 1 then email end", true), ("days_since(born)", true),
    ("concat('a', email)", true), ("nullif(email, '')", true), ("city || email", true),
    ("email is distinct from city", false), ("born between '2000-01-01' and '2001-01-01'", false),
  ])
  func `follows personal data`(text: String, isPersonal: Bool) throws {
    #expect(try typed(text).isPersonal == isPersonal)
  }

  /// Of a yes-or-no a comparison tells the value itself.
  @Test(arguments: [
    ("pregnant is null", false), ("pregnant is true", true), ("pregnant is not false", true),
    ("pregnant is unknown", true), ("pregnant = true", true), ("pregnant <> adult", true),
    ("pregnant is distinct from false", true), ("pregnant in (true)", true), ("not pregnant", true),
    ("pregnant and adult", true), ("adult = true", false),
    ("nullif(pregnant, false) is not null", true), ("nullif(adult, false) is null", false),
    ("case when pregnant then 1 end is null", true), ("(pregnant and adult) is null", true),
    ("coalesce(pregnant, adult) is not null", true),
  ])
  func `follows personal yes and no`(text: String, isPersonal: Bool) throws {
    let schema = Schema([Field("pregnant", .bool, isPersonal: true), Field("adult", .bool)])
    #expect(try typed(text, schema).isPersonal == isPersonal)
  }

  @Test func `follows personal data through aggregates`() throws {
    #expect(try aggregate("max(email)").isPersonal)
    #expect(try !aggregate("count(distinct email)").isPersonal)
    #expect(try !aggregate("max(amount) filter (where email = 'x')").isPersonal)
    #expect(try aggregate("days_since(min(born))").isPersonal)
  }

  @Test func `first and last read the time`() throws {
    let last = try aggregate("last(kind)", orderedBy: "ordered_at")
    #expect(last.columns == ["kind", "ordered_at"])
    #expect(last.isNullable && !last.isPersonal)
    #expect(try aggregate("first(email)", orderedBy: "ordered_at").isPersonal)
    #expect(try aggregate("mode(email)").isPersonal)
  }

  @Test func `knows columns and the as of`() throws {
    #expect(try typed("amount + quantity * amount").columns == ["amount", "quantity"])
    #expect(
      try aggregate("sum(amount) filter (where kind = 'x')").columns == ["amount", "kind"])
    #expect(try typed("days_since(born) > 3").dependsOnAsOf)
    #expect(try typed("ordered_at < as_of").dependsOnAsOf)
    #expect(try !typed("ordered_at < '2024-01-01'").dependsOnAsOf)
    #expect(try aggregate("days_since(max(ordered_at))").dependsOnAsOf)
    #expect(try !aggregate("count(*)").isNullable)
    #expect(try aggregate("sum(amount)").isNullable)
  }
}
