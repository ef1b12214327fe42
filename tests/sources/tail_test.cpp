// SPDX-License-Identifier: Apache-2.0
// What may happen to a file that grows, in any order, against a naive model of the lines that must come out of it.
#include <catch2/catch.hpp>

#include <weir/sources/line_follower.hpp>
#include <weir/sources/tail.hpp>

#include "sources/growing_file.hpp"

namespace {

using weir::read_result;

// Takes whole lines out of a follower, and what stands at the end of a file, with '|' between files.
class line_taker {
  public:
    explicit line_taker(growing_file& file) : file_(file) { start(); }
    // Reads all there is, in sips of a few lines.
    void look() {
        for (;;) {
            take_lines();
            if (follower_->complete()) {
                if (!follower_->text().empty()) taken += std::string{follower_->text()} + "~";
                follower_->use(follower_->text().size());
                follower_->next_file();
            }
            if (follower_->refill() == read_result::idle) return;
        }
    }
    void go_on_from_snapshot() {
        weir::binary_writer writer;
        follower_->save(writer);
        const auto bytes = writer.bytes();
        const std::vector<std::byte> stored(bytes.begin(), bytes.end());
        start();
        weir::binary_reader reader{std::span<const std::byte>{stored}};
        CHECK(follower_->load(reader));
    }
    void keep_up() { follower_->keep_up(); }
    [[nodiscard]] const weir::detail::line_follower& follower() const { return *follower_; }
    std::string taken;

  private:
    void start() {
        follower_ = std::make_unique<weir::detail::line_follower>(file_.where(), file_.path(), weir::tail_options{});
    }
    void take_lines() {
        for (;;) {
            const std::size_t end = follower_->text().find('\n');
            if (end == std::string_view::npos) return;
            taken += follower_->text().substr(0, end + 1);
            follower_->use(end + 1);
        }
    }

    growing_file& file_;
    std::unique_ptr<weir::detail::line_follower> follower_;
};

// The lines that must have come out, kept by whoever does things to the file. Only one thing that cannot be seen
// afterwards happens between two looks.
class model {
  public:
    explicit model(growing_file& file, std::uint64_t seed) : file_(file), tail_(file), random_(seed) {}

    void play(int steps) {
        for (int i = 0; i < steps; ++i) {
            switch (random_.below(12)) {
                case 0: rotate(); break;
                case 1: cut(); break;
                case 2: remove(); break;
                case 3: look(); break;
                case 4: snapshot(); break;
                case 5: tail_.keep_up(); break;
                default: append(); break;
            }
        }
        look();
    }
    [[nodiscard]] const line_taker& tail() const { return tail_; }
    std::uint64_t cuts = 0;

  private:
    // Pieces of lines that are all different, of very different lengths.
    void append() {
        std::string piece;
        for (auto parts = 1 + random_.below(4); parts > 0; --parts) {
            piece += std::to_string(++number_);
            if (random_.one_in(40)) piece += std::string(static_cast<std::size_t>(random_.below(400'000)), 'x');
            if (!random_.one_in(3)) piece += random_.one_in(4) ? "\r\n" : "\n";
        }
        // The writer goes on in the old file as long as nothing is in the new one.
        if (rotated_ && random_.one_in(3)) {
            file_.append_to(old_path_, piece);
            old_text_ += piece;
            return;
        }
        file_.append(piece);
        text_ += piece;
        unseen_ |= !exists_;
        exists_ = true;
        if (!rotated_) return;
        expected_ += old_text_;
        if (!old_text_.empty() && old_text_.back() != '\n') expected_ += "~";
        rotated_ = false;
        unseen_ = true;
    }
    void rotate() {
        if (rotated_ || !exists_) return;
        if (unseen_) look();
        old_path_ = file_.beside("." + std::to_string(++rotations_));
        file_.rename_to(old_path_);
        old_text_ = std::exchange(text_, {});
        rotated_ = true;
        exists_ = false;
        if (random_.one_in(2)) {
            file_.append("");
            exists_ = true;
        }
    }
    void cut() {
        if (rotated_ || !exists_) return;
        look();
        if (text_.empty()) return;
        expected_ += whole_lines(text_);
        ++number_;
        text_ = random_.one_in(2) ? std::string{} : "cut" + std::to_string(number_) + "\n";
        file_.cut(text_);
        ++cuts;
        unseen_ = true;
        if (text_.empty()) look();
    }
    void remove() {
        if (rotated_ || !exists_) return;
        look();
        file_.remove();
        old_text_ = std::exchange(text_, {});
        exists_ = false;
        // Nobody can write into it any more.
        number_ += 1;
        text_ = std::to_string(number_) + "\n";
        expected_ += old_text_;
        if (!old_text_.empty() && old_text_.back() != '\n') expected_ += "~";
        file_.append(text_);
        exists_ = true;
        look();
    }
    void snapshot() {
        if (unseen_) look();
        tail_.go_on_from_snapshot();
    }
    void look() {
        tail_.look();
        unseen_ = false;
        std::string wanted = expected_;
        wanted += whole_lines(rotated_ ? old_text_ : text_);
        REQUIRE(tail_.taken == wanted);
    }
    static std::string whole_lines(const std::string& text) { return text.substr(0, text.rfind('\n') + 1); }

    growing_file& file_;
    line_taker tail_;
    weir::testing::seeded random_;
    std::string expected_;  // of files that are over
    std::string text_;      // of the file that has the name
    std::string old_text_;
    std::string old_path_;
    bool rotated_ = false;  // and nothing is in the new file
    bool exists_ = false;
    bool unseen_ = false;   // a new file, or a cut
    std::uint64_t rotations_ = 0;
    std::uint64_t number_ = 0;
};

template <class File> void play(std::uint64_t games, int steps) {
    std::uint64_t cuts = 0;
    for (std::uint64_t seed = 1; seed <= games; ++seed) {
        INFO("seed " << seed);
        File file;
        model game(file, seed);
        game.play(steps);
        cuts += game.cuts;
    }
    CHECK(cuts > games);
}

}  // namespace

TEST_CASE("every line comes out once, whatever happens to the file: simulated") {
    play<simulated_growing_file>(400, 120);
}

TEST_CASE("every line comes out once, whatever happens to the file: on the machine") { play<file_on_disk>(40, 120); }

TEST_CASE("files that replace each other while the text has to wait are all read") {
    file_on_disk file;
    file.append("1\n");
    line_taker tail(file);
    for (int i = 2; i < 8; ++i) {
        file.rename_to(file.beside("." + std::to_string(i)));
        file.append(std::to_string(i) + "\n");
        tail.keep_up();
        CHECK(tail.follower().follows(file.where().status_of(file.path())->identity));
    }
    tail.look();
    CHECK(tail.taken == "1\n2\n3\n4\n5\n6\n7\n");
}
