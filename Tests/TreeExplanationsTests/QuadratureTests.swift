import Testing

@testable import TreeExplanations

@Suite struct QuadratureTests {
  /// The integral of t^n over [0, 1] is 1 / (n + 1).
  @Test(arguments: 1...16)
  func `powers are integrated exactly`(count: Int) {
    let quadrature = Quadrature(count: count)
    for power in 0..<(2 * count) {
      let sum = zip(quadrature.points, quadrature.weights).reduce(0.0) { sum, point in
        sum + point.1 * (0..<power).reduce(1.0) { product, _ in product * point.0 }
      }
      #expect(abs(sum - 1 / Double(power + 1)) < 1e-14)
    }
    #expect(quadrature.points.allSatisfy { $0 > 0 && $0 < 1 })
  }
}
