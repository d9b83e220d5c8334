import Foundation

/// Gauss-Legendre quadrature on [0, 1]: exact for polynomials of degree 2 · `count` − 1.
///
/// Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 25.4.29; the points are found by
/// Newton's method on the Legendre polynomials' recurrence.
struct Quadrature: Sendable {
  /// Points, ascending.
  let points: [Double]
  /// Weights, which sum to 1.
  let weights: [Double]

  init(count: Int) {
    var points: [Double] = []
    var weights: [Double] = []
    for place in 0..<count {
      var x = -cos(.pi * (Double(place) + 0.75) / (Double(count) + 0.5))
      var slope = 0.0
      for _ in 0..<100 {
        let value: Double
        (value, slope) = Self.legendre(count, x)
        let step = value / slope
        x -= step
        if abs(step) < 1e-16 { break }
      }
      slope = Self.legendre(count, x).slope
      points.append((x + 1) / 2)
      weights.append(1 / ((1 - x * x) * slope * slope))
    }
    self.points = points
    self.weights = weights
  }

  /// The Legendre polynomial of a degree and its slope at a point within (-1, 1).
  private static func legendre(_ degree: Int, _ x: Double) -> (value: Double, slope: Double) {
    var (before, value) = (1.0, x)
    if degree == 0 { return (1, 0) }
    for n in stride(from: 2, through: degree, by: 1) {
      let next = (Double(2 * n - 1) * x * value - Double(n - 1) * before) / Double(n)
      (before, value) = (value, next)
    }
    return (value, Double(degree) * (x * value - before) / (x * x - 1))
  }
}
