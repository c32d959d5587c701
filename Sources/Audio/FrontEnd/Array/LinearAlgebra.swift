/// What little linear algebra the front end needs when it is made.
enum LinearAlgebra {
  /// The lower triangular factor of a symmetric positive definite matrix (row by row); nil if it isn't one.
  static func choleskyFactor(of matrix: [Double], size: Int) -> [Double]? {
    var factor = [Double](repeating: 0, count: size * size)
    for row in 0..<size {
      for column in 0...row {
        var sum = matrix[row * size + column]
        for k in 0..<column { sum -= factor[row * size + k] * factor[column * size + k] }
        if row == column {
          guard sum > 1e-12 else { return nil }
          factor[row * size + row] = sum.squareRoot()
        } else {
          factor[row * size + column] = sum / factor[column * size + column]
        }
      }
    }
    return factor
  }

  /// Solves the system of which `factor` is the Cholesky factor.
  static func solve(_ factor: [Double], _ right: [Double]) -> [Double] {
    let size = right.count
    var result = right
    for row in 0..<size {
      for k in 0..<row { result[row] -= factor[row * size + k] * result[k] }
      result[row] /= factor[row * size + row]
    }
    for row in (0..<size).reversed() {
      for k in row + 1..<size { result[row] -= factor[k * size + row] * result[k] }
      result[row] /= factor[row * size + row]
    }
    return result
  }
}
