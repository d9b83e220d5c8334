import Frames
import Testing

@testable import Expressions

@Suite struct EvaluationTests {
  @Test func whatPipelinesWrite() throws {
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

  @Test func branchesThatPostgresDoesNotEvaluateDoNotFail() throws {
    #expect(
      try values(of: "case when quantity <> 2 then 12 / (quantity - 2) else -1 end")
        == ["-12", "-1", "12", "6"])
    #expect(
      try values(of: "quantity <> 2 and 12 / (quantity - 2) > 7")
        == ["false", "false", "true", "false"])
    #expect(
      try values(of: "coalesce(amount, 1 / (quantity - 1))") == ["10.50", "-2.00", "0.00", "0.00"])
  }

  @Test func anErrorNamesTheRowAndThePlace() throws {
    let expression = try typed("10 / (quantity - 3)")
    let error = try #require(throws: EvaluationError.self) {
      try expression.evaluate(over: shopFrame(), in: context)
    }
    #expect(error.kind == .divisionByZero)
    #expect(error.row == 2)
    #expect(error.span?.text == "10 / (quantity - 3)")
  }
}
