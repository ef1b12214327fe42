// SPDX-License-Identifier: Apache-2.0
// A source of one's own: a log is any type that reads records in order, here of a file of binary rows. weir::source
// numbers them. With seek, runs can be stopped and go on at any record. Files are opened by the environment: tests may
// give another one than the machine's.
#include <fstream>
#include <iostream>

#include <weir/weir.hpp>

struct reading {
    std::uint32_t sensor;
    float celsius;
};
BOOST_DESCRIBE_STRUCT(reading, (), (sensor, celsius))

struct row_log {
    std::string path;
    std::unique_ptr<weir::input_file> file;
    std::vector<reading> rows{};

    weir::read_result read(std::size_t max, auto& emit) {
        rows.resize(max);
        const std::size_t bytes = file->read({reinterpret_cast<char*>(rows.data()), max * sizeof(reading)});
        if (bytes % sizeof(reading) != 0) {
            throw weir::error(weir::error_kind::input, path + ": the last row is cut off");
        }
        rows.resize(bytes / sizeof(reading));
        for (const reading& each : rows) emit(each);
        return bytes == 0 ? weir::read_result::ended : weir::read_result::more;
    }
    void seek(std::uint64_t offset) { file->seek(offset * sizeof(reading)); }
};

auto readings_of(const std::string& path) {
    return weir::source<reading>("readings", path, [path](weir::environment& where) {
        return row_log{path, where.open_input(path)};
    });
}

int main() {
    const reading rows[] = {{1, 20.5F}, {2, 21}, {1, 20.75F}};
    std::ofstream("readings.bin", std::ios::binary).write(reinterpret_cast<const char*>(rows), sizeof rows);
    const auto print = weir::for_each([](const reading& each) { std::cout << weir::to_text(each) << '\n'; });
    weir::run(weir::graph("readings", readings_of("readings.bin") | weir::into(print)), weir::batch{});
}
