// What libstdc++'s headers expect of libstdc++.a, which no package offers for these chips. For
// tests only: the core itself links without it.

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <new>
#include <set>
#include <stdexcept>

namespace {

[[noreturn]] void stop(const char* why) {
  std::printf("ended: %s\n", why);
  std::exit(3);
}

void* allocate(std::size_t size) {
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) stop("out of memory");
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

extern "C" {
void* __dso_handle = nullptr;
void __cxa_pure_virtual() { stop("pure virtual call"); }
int __cxa_atexit(void (*)(void*), void*, void*) { return 0; }
int __aeabi_atexit(void*, void (*)(void*), void*) { return 0; }
}

namespace std {

void __throw_bad_alloc() { stop("bad_alloc"); }
void __throw_bad_array_new_length() { stop("bad_array_new_length"); }
void __throw_bad_function_call() { stop("bad_function_call"); }
void __throw_invalid_argument(const char* what) { stop(what); }
void __throw_length_error(const char* what) { stop(what); }
void __throw_logic_error(const char* what) { stop(what); }
void __throw_out_of_range(const char* what) { stop(what); }
void __throw_out_of_range_fmt(const char* what, ...) { stop(what); }

// Exceptions are built here and there, and never thrown.
exception::~exception() = default;
const char* exception::what() const noexcept { return ""; }
__cow_string::__cow_string() : _M_p("") {}
__cow_string::~__cow_string() {}
runtime_error::runtime_error(const char* what) { stop(what); }
runtime_error::~runtime_error() = default;
const char* runtime_error::what() const noexcept { return ""; }
bool _Sp_make_shared_tag::_S_eq(const type_info&) noexcept { return false; }

// The trees of std::map and std::set, without balance: a test's trees are small.

namespace {

using Node = _Rb_tree_node_base;

Node* leftmost(Node* node) {
  while (node->_M_left != nullptr) node = node->_M_left;
  return node;
}

Node* rightmost(Node* node) {
  while (node->_M_right != nullptr) node = node->_M_right;
  return node;
}

/// Only the header, which the containers make, is red: insertion paints every node black.
bool is_header(const Node* node) { return node->_M_color == _S_red; }

/// `other` (or nothing) takes `node`'s place under its parent.
void replace(Node* node, Node* other, Node& header) {
  Node* const parent = node->_M_parent;
  if (header._M_parent == node) {
    header._M_parent = other;
  } else if (parent->_M_left == node) {
    parent->_M_left = other;
  } else {
    parent->_M_right = other;
  }
  if (other != nullptr) other->_M_parent = parent;
}

}  // namespace

Node* _Rb_tree_increment(Node* node) {
  if (node->_M_right != nullptr) return leftmost(node->_M_right);
  Node* parent = node->_M_parent;
  while (!is_header(parent) && node == parent->_M_right) {
    node = parent;
    parent = parent->_M_parent;
  }
  return parent;
}

const Node* _Rb_tree_increment(const Node* node) {
  return _Rb_tree_increment(const_cast<Node*>(node));
}

Node* _Rb_tree_decrement(Node* node) {
  if (is_header(node)) return node->_M_right;
  if (node->_M_left != nullptr) return rightmost(node->_M_left);
  Node* parent = node->_M_parent;
  while (node == parent->_M_left) {
    node = parent;
    parent = parent->_M_parent;
  }
  return parent;
}

const Node* _Rb_tree_decrement(const Node* node) {
  return _Rb_tree_decrement(const_cast<Node*>(node));
}

void _Rb_tree_insert_and_rebalance(const bool left, Node* node, Node* parent,
                                   Node& header) throw() {
  node->_M_parent = parent;
  node->_M_left = nullptr;
  node->_M_right = nullptr;
  node->_M_color = _S_black;
  if (parent == &header) {
    header._M_parent = node;
    header._M_left = node;
    header._M_right = node;
  } else if (left) {
    parent->_M_left = node;
    if (header._M_left == parent) header._M_left = node;
  } else {
    parent->_M_right = node;
    if (header._M_right == parent) header._M_right = node;
  }
}

Node* _Rb_tree_rebalance_for_erase(Node* const node, Node& header) throw() {
  if (node->_M_left == nullptr || node->_M_right == nullptr) {
    replace(node, node->_M_left != nullptr ? node->_M_left : node->_M_right, header);
  } else {
    Node* const next = leftmost(node->_M_right);
    if (next->_M_parent != node) {
      replace(next, next->_M_right, header);
      next->_M_right = node->_M_right;
      next->_M_right->_M_parent = next;
    }
    replace(node, next, header);
    next->_M_left = node->_M_left;
    next->_M_left->_M_parent = next;
  }
  Node* const root = header._M_parent;
  header._M_left = root == nullptr ? &header : leftmost(root);
  header._M_right = root == nullptr ? &header : rightmost(root);
  return node;
}

}  // namespace std
