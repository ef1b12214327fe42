// SPDX-License-Identifier: Apache-2.0
// A source of one's own: a reader reads a log, here a file of binary rows, in order. It gives every record its offset,
// and can go on at any offset, so that runs can be stopped and resumed. Files are opened by the environment: tests may
// give another one than the machine's.
#include <fstream>
#include <iostream>

#include <weir/weir.hpp>

struct reading {
    std::uint32_t sensor;
    float celsius;
};
BOOST_DESCRIBE_STRUCT(reading, (), (sensor, celsius))

class row_reader final : public weir::source_reader<reading, weir::bad_record> {
  public:
    row_reader(weir::environment& where, const std::string& path) : path_(path), file_(where.open_input(path)) {}

    weir::read_result read(weir::chunk<reading>& records, weir::chunk<weir::bad_record>&, std::size_t max) override {
        records.stamps.set_dense(weir::lane::partition(partition), next_);
        rows_.resize(max);
        const std::size_t bytes = file_->read({reinterpret_cast<char*>(rows_.data()), max * sizeof(reading)});
        if (bytes == 0) return weir::read_result::ended;
        const std::size_t count = bytes / sizeof(reading);
        for (std::size_t i = 0; i < count; ++i) records.push(rows_[i]);
        next_ += count;
        if (bytes % sizeof(reading) == 0) return weir::read_result::more;
        throw weir::error(weir::error_kind::input, path_ + ": row " + std::to_string(next_) + " is cut off");
    }
    std::uint64_t offset() const override { return next_; }
    void save_position(weir::binary_writer& writer) const override { weir::save(writer, next_); }
    void load_position(weir::binary_reader& reader) override {
        weir::load(reader, next_);
        file_->seek(next_ * sizeof(reading));
    }

  private:
    std::string path_;
    std::unique_ptr<weir::input_file> file_;
    std::vector<reading> rows_;
    std::uint64_t next_ = 0;
};

weir::any_stream<reading, weir::in_turn, weir::timing::log> readings_of(const std::string& path) {
    const auto open = [path](weir::environment& where) {
        std::vector<std::unique_ptr<weir::source_reader_base>> partitions;
        partitions.push_back(std::make_unique<row_reader>(where, path));
        return partitions;
    };
    return {std::make_shared<weir::detail::source_node<reading, weir::bad_record>>("readings", path, open), 0};
}

int main() {
    const reading rows[] = {{1, 20.5F}, {2, 21}, {1, 20.75F}};
    std::ofstream("readings.bin", std::ios::binary).write(reinterpret_cast<const char*>(rows), sizeof rows);
    const auto print = weir::for_each([](const reading& each) { std::cout << weir::to_text(each) << '\n'; });
    weir::run(weir::graph("readings", readings_of("readings.bin") | weir::into(print)), weir::batch{});
}
