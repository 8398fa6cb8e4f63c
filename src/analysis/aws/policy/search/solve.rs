//! The solver: an assignment of candidates to keys under which no Deny applies, by unit propagation
//! and bounded backtracking. A clause stands for a Deny; it holds when one of its literals does.

use std::rc::Rc;

use super::candidates::Bits;
use crate::analysis::aws::policy::budget::Budget;

/// That the value of a key is not among some candidates.
#[derive(Debug, Clone)]
pub struct Literal {
    /// The key.
    pub key: usize,
    /// The candidates that satisfy the test of the Deny.
    pub not: Rc<Bits>,
}

/// For each key, the candidates that are still open.
pub type Open = Vec<Bits>;

/// Narrows `live` until every clause has a true literal. `None` if there is no such assignment, or
/// if the budget is spent.
pub fn solve(live: Open, clauses: &[Vec<&Literal>], budget: &Budget) -> Option<Open> {
    let clauses: Vec<&[&Literal]> = clauses.iter().map(Vec::as_slice).collect();
    descend(live, &clauses, budget, 0)
}

/// Most decisions in a row, so that no policy exhausts the stack.
const DEPTH: usize = 300;

fn descend(mut live: Open, clauses: &[&[&Literal]], budget: &Budget, depth: usize) -> Option<Open> {
    if depth > DEPTH {
        budget.spend();
        return None;
    }
    let mut open: Vec<&[&Literal]> = clauses.to_vec();
    loop {
        let mut narrowed = false;
        let mut still_open = Vec::with_capacity(open.len());
        for clause in open {
            let words: usize = clause.iter().map(|literal| literal.not.words()).sum();
            if !budget.states(1 + words) {
                return None;
            }
            if clause.iter().any(|literal| !live[literal.key].meets(&literal.not)) {
                continue; // true under every assignment that is left
            }
            let mut alive = clause.iter().filter(|literal| live[literal.key].exceeds(&literal.not));
            match (alive.next(), alive.next()) {
                (None, _) => return None,
                (Some(only), None) => {
                    live[only.key] = live[only.key].without(&only.not);
                    narrowed = true;
                }
                _ => still_open.push(clause),
            }
        }
        open = still_open;
        if !narrowed {
            break;
        }
    }
    let Some(clause) = open.iter().min_by_key(|clause| clause.len()) else { return Some(live) };
    for literal in clause.iter() {
        if live[literal.key].exceeds(&literal.not) {
            budget.states(live.len());
            let mut narrower = live.clone();
            narrower[literal.key] = narrower[literal.key].without(&literal.not);
            if let Some(found) = descend(narrower, &open, budget, depth + 1) {
                return Some(found);
            }
            if budget.is_spent() {
                return None;
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn not(key: usize, values: &[usize]) -> Literal {
        Literal { key, not: Rc::new(Bits::of(2, |index| values.contains(&index))) }
    }

    #[test]
    fn contradicting_clauses_have_no_solution() {
        let live = || vec![Bits::of(2, |_| true), Bits::of(2, |_| true)];
        let clauses = [vec![not(0, &[0]), not(1, &[0])], vec![not(0, &[1])], vec![not(1, &[1])]];
        let all: Vec<Vec<&Literal>> = clauses.iter().map(|c| c.iter().collect()).collect();
        assert!(solve(live(), &all, &Budget::full(0)).is_none());
        assert!(solve(live(), &all[..2], &Budget::full(0)).is_some());
    }

    #[test]
    fn backtracking_finds_the_one_way() {
        let live = vec![Bits::of(2, |_| true); 3];
        let clauses = [
            vec![not(0, &[0]), not(1, &[0])],
            vec![not(0, &[1]), not(2, &[0])],
            vec![not(1, &[1]), not(2, &[1])],
            vec![not(0, &[0]), not(2, &[1])],
        ];
        let all: Vec<Vec<&Literal>> = clauses.iter().map(|c| c.iter().collect()).collect();
        assert!(solve(live, &all, &Budget::full(0)).is_some());
    }
}
