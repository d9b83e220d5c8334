import Learning
import Testing

@Suite struct SettingsTests {
  @Test func `a summary names what is not the default, as a file would`() {
    var trees = GradientBoosting()
    trees.depth = 6
    trees.minChildWeight = 2.5
    #expect(trees.summary == "gradient_boosting (depth 6, min_child_weight 2.5)")
    var linear = LogisticRegression()
    linear.tolerance = 0.00001
    #expect(linear.summary == "logistic_regression (tolerance 0.00001)")
  }

  @Test(arguments: [
    (NumberLimits.atLeast(0), -0.1, 0, "at least 0"),
    (.above(0, atMost: 0.1), 0, 0.1, "above 0 and at most 0.1"),
  ]) func `limits`(limits: NumberLimits, outside: Double, inside: Double, text: String) {
    #expect(!limits.contain(outside) && limits.contain(inside) && limits.text == text)
    #expect(!limits.contain(.nan) && !limits.contain(.infinity))
  }
}
