import Foundation

/// What the shop sells.
struct Catalogue: Sendable {
  let products: [Product]
  /// For each category the places of its products, from the most to the least popular.
  let shelves: [[Int]]

  static let categories: [(name: String, medianPrice: Double)] = [
    ("fashion", 129), ("beauty", 89), ("home", 79), ("digital", 349), ("food", 39),
    ("sports", 149), ("baby", 99), ("books", 35),
  ]

  private static let brands = [
    ["Lanyue", "Qingmu", "Mofei", "Northbund"], ["Baizhi", "Yunli", "Huarun", "Petal & Co"],
    ["Muchen", "Jujia", "Nuanwu", "Oakline"], ["Lingke", "Voltay", "Xinguang", "Pixelroo"],
    ["Shanye", "Wangji", "Guanfu", "Teahouse"], ["Fengxing", "Peakway", "Jinbu", "Runlo"],
    ["Tongle", "Xiaoyun", "Mumu", "Babybay"], ["Shuyuan", "Moxiang", "Readwell", "Paperboat"],
  ]

  private static let productsPerCategory = 40

  init(random: inout Random) {
    var products: [Product] = []
    var shelves: [[Int]] = []
    for (index, category) in Self.categories.enumerated() {
      var shelf: [Int] = []
      for _ in 0..<Self.productsPerCategory {
        let price = random.logNormal(median: category.medianPrice, spread: 0.6)
        shelf.append(products.count)
        products.append(
          Product(
            id: Int64(products.count + 1), category: index, brand: random.pick(Self.brands[index]),
            cents: max(10, Int64(price.rounded())) * 100 - 10))
      }
      shelves.append(shelf)
    }
    self.products = products
    self.shelves = shelves
  }

  /// A product of a category; the first on the shelf are bought far more often than the last.
  func product(of category: Int, random: inout Random) -> Product {
    let shelf = shelves[category]
    let u = random.uniform()
    return products[shelf[Int(u * u * Double(shelf.count))]]
  }
}

struct Product: Sendable {
  let id: Int64
  /// Place in `Catalogue.categories`.
  let category: Int
  let brand: String
  /// Price at the end of the history, in hundredths of a yuan.
  let cents: Int64
}
