//! What load balancers forward: the targets behind their listeners, and the rows that these yield.

mod beyond;
mod follow;
mod index;
mod leg;
mod reached;
mod rows;
