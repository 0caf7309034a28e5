# Tools of tests in other languages.
TEST_TOOLS += $(BUILD)/slow-line $(BUILD)/hung-disk.so $(BUILD)/hung-codec.so

$(BUILD)/slow-line: $(call objects,test/slow_line.cpp)
	$(CXX) $^ $(LDFLAGS) -o $@

# Not for the sanitizers: they want to be loaded first.
$(BUILD)/hung-disk.so: test/hung_disk.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -std=c11 -O1 $(WARNINGS) -fPIC -shared $< -o $@

$(BUILD)/hung-codec.so: CPPFLAGS += $(AV_CFLAGS)
$(BUILD)/hung-codec.so: test/hung_codec.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -std=c11 -O1 $(WARNINGS) -fPIC -shared $< -o $@
